package contestant

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go/jetstream"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/client"
)

const (
	noLimit = 1 << 62

	// largestOfEtcd is less than what the others are made to keep: etcd's documentation recommends 8 GiB
	// at most, and writes each value twice.
	largestOfEtcd = 1_000_000

	// pageOfEtcd is how many keys one answer has.
	pageOfEtcd = 10_000
)

// Largest is how many values a log is made to keep.
func (s *Synod) Largest() int { return noLimit }

// Length is the highest slot that any acceptor has a value for: what a majority has, some acceptor has.
func (s *Synod) Length(ctx context.Context) (int, error) {
	highest := 0
	for _, id := range founders {
		report, err := s.acceptor(ctx, id)
		if err != nil {
			return 0, err
		}
		highest = max(highest, int(report.Highest))
	}
	return highest, nil
}

// ReadBack reads values with the Go client, which asks a learner.
func (s *Synod) ReadBack(ctx context.Context, values int, see func([]byte)) error {
	log, err := client.New(s.conn, "main", client.Options{})
	if err != nil {
		return err
	}
	defer log.Close()
	read := 0
	for entry, err := range log.Entries(ctx, 1) {
		if err != nil {
			return fmt.Errorf("after %d values: %w", read, err)
		}
		see(entry.Value)
		if read++; read == values {
			break
		}
	}
	return nil
}

// Follow starts n more learners, as processes.
func (s *Synod) Follow(ctx context.Context, n int) (func() error, error) {
	var added []*process.Process
	for i := range n {
		id := fmt.Sprintf("l%d", i+2) // l1 is there
		added = append(added, s.add(node{id, []string{id}}))
	}
	if err := startAll(added); err != nil {
		return nil, err
	}
	for _, p := range added {
		if err := s.awaitLearner(ctx, p, 0); err != nil {
			return nil, err
		}
	}
	return func() error {
		report, err := s.acceptor(ctx, "a1")
		for _, p := range added {
			err = errors.Join(err, s.awaitLearner(ctx, p, uint64(report.Settled)))
		}
		return err
	}, nil
}

// awaitLearner returns when a learner has learned a slot.
func (s *Synod) awaitLearner(ctx context.Context, p *process.Process, slot uint64) error {
	return await(ctx, "learner "+p.Name, []*process.Process{p}, func() error {
		var report struct {
			Learned uint64 `json:"learned"`
		}
		if err := s.status(ctx, "l."+p.Name, &report); err != nil {
			return err
		}
		if report.Learned < slot {
			return fmt.Errorf("%s has learned %d of %d", p.Name, report.Learned, slot)
		}
		return nil
	})
}

// Largest is how many values a stream is made to keep.
func (j *JetStream) Largest() int { return noLimit }

// Length is how many messages the stream has.
func (j *JetStream) Length(ctx context.Context) (int, error) {
	found, err := j.js.Stream(ctx, stream)
	if err != nil {
		return 0, err
	}
	return int(found.CachedInfo().State.Msgs), nil
}

// ReadBack reads values with an ordered consumer.
func (j *JetStream) ReadBack(ctx context.Context, values int, see func([]byte)) error {
	done := make(chan struct{})
	read := 0 // the consumer calls from one goroutine
	stop, err := j.consume(ctx, jetstream.DeliverAllPolicy, func(value []byte) {
		if read >= values {
			return // there are more
		}
		see(value)
		if read++; read == values {
			close(done)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Follow makes n ordered consumers, in this process.
func (j *JetStream) Follow(ctx context.Context, n int) (func() error, error) {
	counts := make([]atomic.Int64, n)
	stops := make([]func(), 0, n)
	stopAll := func() {
		for _, stop := range stops {
			stop()
		}
	}
	for i := range counts {
		stop, err := j.consume(ctx, jetstream.DeliverNewPolicy, func([]byte) { counts[i].Add(1) })
		if err != nil {
			stopAll()
			return nil, err
		}
		stops = append(stops, stop)
	}
	return func() error {
		defer stopAll()
		return await(ctx, "consumers", nil, func() error {
			for i := range counts {
				if counts[i].Load() == 0 {
					return fmt.Errorf("consumer %d got nothing", i+1)
				}
			}
			return nil
		})
	}, nil
}

// consume calls got for each value from a place on, until stop.
func (j *JetStream) consume(
	ctx context.Context, from jetstream.DeliverPolicy, got func(value []byte),
) (stop func(), err error) {
	consumer, err := j.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{DeliverPolicy: from})
	if err != nil {
		return nil, err
	}
	consuming, err := consumer.Consume(func(m jetstream.Msg) { got(m.Data()) })
	if err != nil {
		return nil, err
	}
	return consuming.Stop, nil
}

// Largest is how many keys etcd is made to keep.
func (e *Etcd) Largest() int { return largestOfEtcd }

// Length is how many keys there are.
func (e *Etcd) Length(ctx context.Context) (int, error) {
	answer, err := e.client.Get(ctx, "log/", clientv3.WithRange("log0"), clientv3.WithCountOnly())
	if err != nil {
		return 0, err
	}
	return int(answer.Count), nil
}

// ReadBack reads values in the order of their keys, a page at a time.
func (e *Etcd) ReadBack(ctx context.Context, values int, see func([]byte)) error {
	for from, left := "log/", values; left > 0; {
		answer, err := e.client.Get(ctx, from, clientv3.WithRange("log0"),
			clientv3.WithLimit(int64(min(left, pageOfEtcd))))
		if err != nil {
			return err
		}
		if len(answer.Kvs) == 0 {
			return fmt.Errorf("%d values are missing", left)
		}
		for _, pair := range answer.Kvs {
			see(pair.Value)
		}
		left -= len(answer.Kvs)
		from = string(answer.Kvs[len(answer.Kvs)-1].Key) + "\x00"
	}
	return nil
}
