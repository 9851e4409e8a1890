package worker

import (
	"context"
	"sync"
	"time"

	"github.com/synod-log/synod/paxos"
)

// feeder publishes on the feed what it is told to, apart from the learner's loop. What is no longer in memory
// when it gets there it passes over: readers of the feed see a jump, and read what they missed. So neither
// a slow connection nor a reader can make it hold more than the memory does.
//
// While nobody listens it publishes little: a value, which asks whether somebody does, stands for all that
// waited with it. A value learned after a subscription reached the feeder's broker is published all the
// same: whatever is passed over waited here before the value that asked was published, and the broker
// had nobody to give that value to.
type feeder struct {
	memory *memory
	wake   chan struct{} // capacity 1
	rest   time.Duration // after nobody listened, before it is asked again

	mutex   sync.Mutex
	waiting paxos.Span // told, and not published
}

// silentRest lets values gather while nobody listens, so that few questions stand for many values. Who
// begins to listen hears the first value so much later.
const silentRest = 5 * time.Millisecond

func newFeeder(from *memory) *feeder {
	return &feeder{memory: from, wake: make(chan struct{}, 1), rest: silentRest}
}

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

// publishing publishes a value on the feed, with a reply subject or "".
type publishing func(slot paxos.Slot, value *paxos.Value, reply string)

// run publishes until ctx ends.
func (f *feeder) run(ctx context.Context, a *audience, publish publishing) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		}
		for f.next(ctx, a, publish) && ctx.Err() == nil {
		}
	}
}

// next publishes, or passes over, some of what waits; false: nothing waits.
func (f *feeder) next(ctx context.Context, a *audience, publish publishing) bool {
	run, last := f.take() // before anything is asked: what is learned from here on is not passed over
	if run.IsEmpty() {
		return false
	}
	if a.isWorthAsking(int(last - run.First + 1)) {
		isHeard := a.ask(ctx, func(reply string) { publish(run.First, &run.Values[0], reply) })
		if !isHeard {
			f.passOver(last)
			f.pause(ctx)
			return true
		}
		run = run.From(run.First + 1)
	}
	for i := range run.Values {
		publish(run.First+paxos.Slot(i), &run.Values[i], a.replyOf(i == len(run.Values)-1))
	}
	return true
}

// pause lets values gather.
func (f *feeder) pause(ctx context.Context) {
	timer := time.NewTimer(f.rest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// passOver takes what was learned through a slot as published.
func (f *feeder) passOver(last paxos.Slot) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.waiting.First = max(f.waiting.First, last+1)
}

// take returns the next run to publish, and the last slot that waits by now; an empty run where none does.
func (f *feeder) take() (run paxos.Run, last paxos.Slot) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if kept := f.memory.span(); f.waiting.First < kept.First {
		f.waiting.First = kept.First
	}
	if f.waiting.IsEmpty() {
		return paxos.Run{}, 0
	}
	last = f.waiting.Last
	run = f.memory.at(f.waiting.First).Through(last)
	if run.IsEmpty() {
		f.waiting = paxos.Span{} // it was never learned
	} else {
		f.waiting.First = run.Last() + 1
	}
	return run, last
}
