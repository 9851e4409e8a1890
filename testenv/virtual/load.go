package virtual

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

// load is clients that propose until they are told to rest, each one value after the other, and one that
// follows the log. Half of them use the client library, half plain requests.
type load struct {
	cluster *Cluster
	history *History
	reader  *record

	ctx     context.Context
	cancel  context.CancelFunc
	working sync.WaitGroup // proposing
	reading sync.WaitGroup
	pause   atomic.Int64 // between two values of a client, on average
	resting sync.Once
	rested  chan struct{}
	conns   []*nats.Conn
	logs    []*client.Client
	bursts  atomic.Int64
}

// ease is how long clients pause between two values unless they are told otherwise.
const ease = 2 * time.Second

func startLoad(c *Cluster) *load {
	l := &load{cluster: c, history: newHistory(), rested: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.pause.Store(int64(ease))
	for i, self := range c.clients {
		conn, line := c.network.Connect(c.access.options(self.Role, self.ID)...)
		line.Slow(c.options.Lag)
		l.conns = append(l.conns, conn)
		if i%2 == 1 {
			l.work(self, func(value string) { l.request(conn, value) })
			continue
		}
		log, err := client.New(conn, logName, client.Options{ID: self.ID})
		if err != nil {
			c.t.Fatal(err)
		}
		l.logs = append(l.logs, log)
		l.work(self, func(value string) { l.propose(log, value) })
	}
	l.reader = &record{name: "a client", from: 1}
	l.reading.Go(func() { l.read(l.logs[0]) })
	return l
}

// work has a client propose values one after the other.
func (l *load) work(self paxos.Address, propose func(value string)) {
	l.working.Go(func() {
		for number := 1; ; number++ {
			pause := time.Duration(l.pause.Load())
			select {
			case <-l.rested:
				return
			case <-time.After(1 + rand.N(2*pause)):
			}
			propose(fmt.Sprint(self.ID, "-", number))
		}
	})
}

// propose proposes a value with the library, which repeats it until it is acknowledged.
func (l *load) propose(log *client.Client, value string) {
	l.history.propose(value)
	outcome, err := log.Propose(l.ctx, client.Proposal{Value: []byte(value), ID: value})
	if err == nil {
		l.history.acknowledge(value, paxos.Slot(outcome.Slot))
	} else if l.ctx.Err() == nil {
		l.cluster.t.Errorf("%s was not acknowledged: %v", value, err)
	}
}

// Burst proposes many values at once, in few messages, and returns at once.
func (l *load) Burst(count int) {
	name := fmt.Sprint("b", l.bursts.Add(1))
	proposals := make([]client.Proposal, count)
	for i := range proposals {
		value := fmt.Sprint(name, "-", i)
		l.history.propose(value)
		proposals[i] = client.Proposal{Value: []byte(value), ID: value}
	}
	l.working.Go(func() {
		outcomes, err := l.logs[0].ProposeAll(l.ctx, proposals)
		if err != nil {
			if l.ctx.Err() == nil {
				l.cluster.t.Errorf("burst %s was not acknowledged: %v", name, err)
			}
			return
		}
		for i, outcome := range outcomes {
			l.history.acknowledge(string(proposals[i].Value), paxos.Slot(outcome.Slot))
		}
	})
}

// request proposes a value as any NATS client may, and repeats it until it is acknowledged.
func (l *load) request(conn *nats.Conn, value string) {
	l.history.propose(value)
	for l.ctx.Err() == nil {
		slot, err := l.requestOnce(conn, value)
		if err == nil {
			l.history.acknowledge(value, slot)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

var errNoSlot = errors.New("no slot")

func (l *load) requestOnce(conn *nats.Conn, value string) (paxos.Slot, error) {
	ctx, cancel := context.WithTimeout(l.ctx, 3*time.Second)
	defer cancel()
	reply, err := conn.RequestMsgWithContext(ctx, &nats.Msg{
		Subject: subjects.Propose(), Data: []byte(value), Header: nats.Header{nats.MsgIdHdr: {value}},
	})
	if err != nil {
		return 0, err
	}
	var answer struct{ Slot paxos.Slot }
	if err := json.Unmarshal(reply.Data, &answer); err != nil || answer.Slot == 0 {
		return 0, errors.Join(err, errNoSlot)
	}
	return answer.Slot, nil
}

// read follows the log by the feed and by reads.
func (l *load) read(log *client.Client) {
	for entry, err := range log.Entries(l.ctx, 1) {
		if err == nil {
			err = l.reader.take(paxos.Slot(entry.Slot), string(entry.Value))
		}
		if err != nil && l.ctx.Err() == nil {
			l.cluster.t.Errorf("a client cannot read on: %v", err)
		}
		if err != nil {
			return
		}
	}
}

// rest has the clients propose nothing new. What they proposed goes on.
func (l *load) rest() { l.resting.Do(func() { close(l.rested) }) }

func (l *load) end() {
	l.rest()
	l.cancel()
	l.working.Wait()
	l.reading.Wait()
	for _, log := range l.logs {
		log.Close()
	}
	for _, conn := range l.conns {
		conn.Close()
	}
}
