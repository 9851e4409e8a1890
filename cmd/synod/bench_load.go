package main

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
)

const (
	// benchWindow is how many values are on their way where clients do not wait, of all connections together.
	benchWindow = 16 << 10
	// afterFailure is how long a client rests before it proposes again: where nobody listens, the answer
	// comes at once.
	afterFailure = 100 * time.Millisecond
)

// benchLoad is clients that propose, over connections that they share.
type benchLoad struct {
	*benchProposing
	log      *benchLog
	value    []byte
	subject  string // of plain requests
	conns    []*nats.Conn
	sharers  []*client.Client // one for each connection
	given    atomic.Int64     // values that clients have taken on
	progress *benchProgress

	roundTrip *latency // to the broker, where that is told
	began     time.Time
}

// checkSize refuses values that are larger than the broker takes, before any is proposed.
func (l *benchLog) checkSize(size byteSize) error {
	const reserve = 8 << 10
	if most := l.conn.MaxPayload() - reserve; int64(size) > most {
		return usagef("--size %s: values have at most %s B here (the broker's max_payload less %d KiB)",
			size.String(), grouped(most), reserve>>10)
	}
	return nil
}

// openBenchLoad makes the connections.
func openBenchLoad(log *benchLog, b *benchProposing) (*benchLoad, error) {
	if err := log.checkSize(b.size); err != nil {
		return nil, err
	}
	subjects, err := codec.NewSubjects(log.settings.Prefix, log.settings.Log)
	if err != nil {
		return nil, err
	}
	l := &benchLoad{
		benchProposing: b, log: log, subject: subjects.Propose(),
		value: bytes.Repeat([]byte("synod bench "), int(b.size)/len("synod bench ")+1)[:b.size],
	}
	if b.rate > 0 {
		if l.roundTrip, err = roundTrips(log.conn); err != nil {
			return nil, err
		}
	}
	for range b.connections {
		if err := l.connect(); err != nil {
			l.close()
			return nil, err
		}
	}
	return l, nil
}

// connect adds a connection, and what its clients share.
func (l *benchLoad) connect() error {
	settings := l.log.settings
	conn, err := connect(settings.NATS, "synod bench")
	if err != nil {
		return err
	}
	l.conns = append(l.conns, conn)
	sharer, err := client.New(conn, settings.Log, client.Options{
		Prefix: settings.Prefix, Window: benchWindow / l.connections,
	})
	if err != nil {
		return err
	}
	l.sharers = append(l.sharers, sharer)
	return nil
}

func (l *benchLoad) close() {
	for _, sharer := range l.sharers {
		sharer.Close()
	}
	for _, conn := range l.conns {
		conn.Close()
	}
}

// run proposes until all is proposed, the time is over or ctx ends, and waits for the answers.
func (l *benchLoad) run(ctx context.Context) []*meter {
	l.began = time.Now()
	if l.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.duration)
		defer cancel()
	}
	meters := make([]*meter, l.clients)
	var wait sync.WaitGroup
	for i := range meters {
		meters[i] = newMeter()
		wait.Go(func() {
			switch {
			case l.rate > 0:
				l.openLoop(ctx, i, meters[i])
			case l.isPipelined:
				l.pipeline(ctx, i, meters[i])
			default:
				l.closedLoop(ctx, l.calls(i), meters[i])
			}
		})
	}
	wait.Wait()
	return meters
}

// take takes on the next values, up to so many; 0 where all are proposed.
func (l *benchLoad) take(most int) int {
	if l.values == 0 {
		return most
	}
	before := l.given.Add(int64(most)) - int64(most)
	return int(min(max(l.values-before, 0), int64(most)))
}

// closedLoop proposes, waits, and proposes again.
func (l *benchLoad) closedLoop(ctx context.Context, propose benchCall, m *meter) {
	for ctx.Err() == nil && m.refusal == nil {
		count := l.take(l.batch)
		if count == 0 {
			return
		}
		began := time.Now()
		acknowledged, why := l.call(ctx, propose, count)
		m.add(began, acknowledged, count-acknowledged, why)
		l.progress.add(acknowledged)
		if why != nil {
			rest(ctx, max(l.sleep, afterFailure))
		} else if l.sleep > 0 {
			rest(ctx, l.sleep)
		}
	}
}

// call proposes with a time limit of its own: who is told to stop still waits for what is on its way.
func (l *benchLoad) call(ctx context.Context, propose benchCall, count int) (int, error) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.log.settings.NATS.Timeout)
	defer cancel()
	return propose(limited, count)
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
