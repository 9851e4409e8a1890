package worker

import (
	"context"
	"sync"

	"github.com/synod-log/synod/paxos"
)

// feeder publishes on the feed what it is told to, apart from the learner's loop. What is no longer in memory
// when it gets there it passes over: readers of the feed see a jump, and read what they missed. So neither
// a slow connection nor a reader can make it hold more than the memory does.
type feeder struct {
	memory *memory
	wake   chan struct{} // capacity 1

	mutex   sync.Mutex
	waiting paxos.Span // told, and not published
}

func newFeeder(from *memory) *feeder { return &feeder{memory: from, wake: make(chan struct{}, 1)} }

// feed has slots published.
func (f *feeder) feed(span paxos.Span) {
	f.mutex.Lock()
	if !f.waiting.IsEmpty() && f.waiting.First <= span.First {
		span.First = f.waiting.First
	}
	f.waiting = span
	f.mutex.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// run publishes until ctx ends.
func (f *feeder) run(ctx context.Context, publish func(paxos.Slot, *paxos.Value)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		}
		for run := f.take(); !run.IsEmpty() && ctx.Err() == nil; run = f.take() {
			for i := range run.Values {
				publish(run.First+paxos.Slot(i), &run.Values[i])
			}
		}
	}
}

// take returns the next run to publish; an empty one where there is none.
func (f *feeder) take() paxos.Run {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if kept := f.memory.span(); f.waiting.First < kept.First {
		f.waiting.First = kept.First
	}
	if f.waiting.IsEmpty() {
		return paxos.Run{}
	}
	run := f.memory.at(f.waiting.First).Through(f.waiting.Last)
	if run.IsEmpty() {
		f.waiting = paxos.Span{} // it was never learned
	} else {
		f.waiting.First = run.Last() + 1
	}
	return run
}
