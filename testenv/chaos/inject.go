package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// injection is a fault that was injected.
type injection struct {
	Step
	targets      []string // ids
	began, ended time.Duration
	resumed      time.Duration // from its end until something proposed afterwards was acknowledged
	err          error         // what did not hold
}

// injectAll injects the plan. A step waits for what it needs, should an earlier one still have it.
func (r *runner) injectAll(ctx context.Context) {
	began := r.history.now()
	var running sync.WaitGroup
	defer running.Wait()
	for _, step := range Plan(r.Seed, r.For) {
		if !isPaused(ctx, began+step.At-r.history.now()) {
			return
		}
		needed := step.resources()
		r.free.take(needed)
		running.Go(func() {
			defer r.free.giveBack(needed)
			r.injectOne(step)
		})
	}
	isPaused(ctx, began+r.For-r.history.now())
}

// injectOne injects a step, and waits until the log goes on.
func (r *runner) injectOne(step Step) {
	i := injection{Step: step}
	i.targets, i.err = r.resolve(step.Targets)
	i.began = r.history.now()
	if i.err == nil {
		i.err = r.inject(step, i.targets)
	}
	i.ended = r.history.now()
	if why := (skipped{}); errors.As(i.err, &why) {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		if !slices.Contains(r.skipped, why.Error()) {
			r.skipped = append(r.skipped, why.Error())
		}
		return
	}
	if i.err == nil {
		i.resumed, i.err = r.awaitProgress()
	}
	if i.err != nil {
		r.fault("%v, at %v: %v", step, i.began.Round(time.Millisecond), i.err)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.done = append(r.done, i)
}

// awaitProgress waits until something that is proposed from now on is acknowledged, and tells how
// long that took. Clients propose all the time; those that wait for an answer may have proposed
// before.
func (r *runner) awaitProgress() (time.Duration, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for ctx.Err() == nil {
		if r.load.proposeAll(ctx, "prober", 1, 0) {
			return time.Since(began), nil
		}
	}
	return 0, fmt.Errorf("nothing is acknowledged %v after it ended", patience)
}
