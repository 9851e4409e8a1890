package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

// How many clients there are of each sort, and how long they wait for an answer.
const (
	plainClients = 8 // one NATS request after another; every other client sends ids
	goClients    = 4 // one Propose after another
	batchClients = 1 // one ProposeAll after another

	plainTimeout = 5 * time.Second
	goTimeout    = 15 * time.Second
	batchOf      = 20
)

// load is the clients that propose.
type load struct {
	history *History
	rate    int      // values per second that all of them aim at together
	urls    []string // of the brokers
	seed    uint64

	client *client.Client // for those on the Go API
	conns  []*nats.Conn
	counts sync.Map // client's name -> *atomic.Int64, how many values it has proposed
}

// begin starts the clients. They end when ctx does, and what waits then is still waited for.
func (l *load) begin(ctx context.Context, running *sync.WaitGroup) error {
	conn, err := l.connect(0)
	if err != nil {
		return err
	}
	if l.client, err = client.New(conn, "main", client.Options{}); err != nil {
		return err
	}
	for i := range plainClients {
		conn, err := l.connect(i)
		if err != nil {
			return err
		}
		p := &plain{load: l, conn: conn, name: fmt.Sprintf("plain%d", i), hasID: i%2 == 0,
			random: rand.New(rand.NewPCG(l.seed, uint64(100+i)))}
		running.Go(func() { l.pace(ctx, 1, p.propose) })
	}
	for i := range goClients {
		name := fmt.Sprintf("go%d", i)
		running.Go(func() { l.pace(ctx, 1, func() { l.propose(name) }) })
	}
	for i := range batchClients {
		name := fmt.Sprintf("batch%d", i)
		running.Go(func() {
			l.pace(ctx, batchOf, func() { l.proposeAll(context.Background(), name, batchOf, 0) })
		})
	}
	return nil
}

// connect connects to the brokers, one of them first.
func (l *load) connect(first int) (*nats.Conn, error) {
	first %= len(l.urls)
	urls := append(append([]string{}, l.urls[first:]...), l.urls[:first]...)
	conn, err := nats.Connect(strings.Join(urls, ","), nats.MaxReconnects(-1), nats.DontRandomize(),
		nats.ReconnectWait(50*time.Millisecond), nats.RetryOnFailedConnect(true), nats.ErrorHandler(ignore))
	if err == nil {
		l.conns = append(l.conns, conn)
	}
	return conn, err
}

// ignore keeps nats.go from printing what clients of a broken cluster run into.
func ignore(*nats.Conn, *nats.Subscription, error) {}

// close ends the connections.
func (l *load) close() {
	if l.client != nil {
		l.client.Close()
	}
	for _, conn := range l.conns {
		conn.Close()
	}
}

// pace has one client do something that proposes so many values, over and over, as often as its
// part of the rate is. One that had to wait does not make up for it.
func (l *load) pace(ctx context.Context, values int, do func()) {
	const shares = plainClients + goClients + batchClients*4 // a client of batches has four shares
	every := time.Duration(values) * time.Second * shares / time.Duration(l.rate)
	if values > 1 {
		every /= 4
	}
	for ctx.Err() == nil {
		next := time.Now().Add(every)
		do()
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(next)):
		}
	}
}

// key makes the next key of a client. The value is so many bytes longer than the key.
func (l *load) key(name string, bytes int) string {
	count, _ := l.counts.LoadOrStore(name, new(atomic.Int64))
	n := count.(*atomic.Int64).Add(1)
	if bytes > 0 {
		return fmt.Sprintf("%s.%d~%d", name, n, bytes)
	}
	return fmt.Sprintf("%s.%d", name, n)
}

// propose proposes one value with the Go client.
func (l *load) propose(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), goTimeout)
	defer cancel()
	r := Request{Client: name, Key: l.key(name, 0), HasID: true, Sent: l.history.now()}
	outcome, err := l.client.Propose(ctx, client.Proposal{Value: []byte(valueOf(r.Key))})
	l.note(r, outcome, err)
}

// proposeAll proposes values with the Go client, at once, and reports whether all were
// acknowledged.
func (l *load) proposeAll(ctx context.Context, name string, values, bytes int) bool {
	ctx, cancel := context.WithTimeout(ctx, goTimeout)
	defer cancel()
	requests, proposals := make([]Request, values), make([]client.Proposal, values)
	for i := range requests {
		requests[i] = Request{Client: name, Key: l.key(name, bytes), HasID: true, Sent: l.history.now()}
		proposals[i] = client.Proposal{Value: []byte(valueOf(requests[i].Key))}
	}
	outcomes, err := l.client.ProposeAll(ctx, proposals)
	for i, r := range requests {
		var outcome client.Outcome
		if i < len(outcomes) {
			outcome = outcomes[i]
		}
		l.note(r, outcome, err)
	}
	return err == nil
}

func (l *load) note(r Request, outcome client.Outcome, err error) {
	r.Answered = l.history.now()
	r.Slot, r.Duplicate = outcome.Slot, outcome.Duplicate
	if r.Slot == 0 {
		r.Refused = errors.Is(err, client.ErrTooLarge) || errors.Is(err, client.ErrBadRequest)
		r.Err = fmt.Sprint(err)
	}
	l.history.addRequest(r)
}
