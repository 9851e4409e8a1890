package client

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// delivery hands what was learned to its consumer, in a goroutine apart from the learner's loop, so that
// a slow consumer does not make the learner deaf.
//
// Nothing is dropped or reordered here. The learner asks isFull, and where it is refuses new values
// before it learns them; what it had heard by then may still be added beyond the bound.
type delivery struct {
	most      int64
	queue     *link.Queue[weighed]
	bytes     atomic.Int64 // added and not yet taken by the consumer
	delivered atomic.Uint64
}

type weighed struct {
	run   paxos.Run
	bytes int
}

func newDelivery(most int) *delivery {
	return &delivery{most: int64(most), queue: link.NewQueue[weighed](math.MaxInt)}
}

func (d *delivery) isFull() bool { return d.bytes.Load() >= d.most }

func (d *delivery) add(run paxos.Run) {
	size := run.Size()
	d.bytes.Add(int64(size))
	d.queue.Put(0, weighed{run, size}, size)
}

// run hands over what is added until ctx ends or the consumer returns an error.
func (d *delivery) run(ctx context.Context, deliver func(paxos.Run) error) error {
	var taken []weighed
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.queue.Ready():
		}
		taken = d.queue.Take(taken)
		for _, item := range taken {
			if ctx.Err() != nil {
				return nil
			}
			if err := deliver(item.run); err != nil {
				return err
			}
			d.bytes.Add(-int64(item.bytes))
			d.delivered.Store(uint64(item.run.Last()))
		}
	}
}
