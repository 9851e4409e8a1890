package simulate

import (
	"sync"
	"sync/atomic"
	"time"
)

// Campaign runs many seeds.
type Campaign struct {
	First   uint64        // first seed
	Seeds   uint64        // how many; 0: no end but For
	For     time.Duration // for how long; 0: no end but Seeds
	Workers int           // how many at a time; 0 is 1
	Most    int           // ends when so many failed; 0 is 1
	// Progress, where there is one, is called about every second.
	Progress func(done uint64, failed int, took time.Duration)
}

// Result is what came of a campaign.
type Result struct {
	Done     uint64
	Took     time.Duration
	Failures []*Failure // not shrunk
	Faults   Faults     // all that were injected
}

// Run runs the campaign.
func (c Campaign) Run() Result {
	began := time.Now()
	var (
		result      Result
		next, done  atomic.Uint64
		isOver      atomic.Bool
		lock        sync.Mutex
		wait        sync.WaitGroup
		stopTelling = c.tell(began, &done, func() int { lock.Lock(); defer lock.Unlock(); return len(result.Failures) })
	)
	next.Store(c.First)
	for range max(c.Workers, 1) {
		wait.Go(func() {
			var runner Runner
			defer func() {
				lock.Lock()
				result.Faults.add(&runner.world.faults)
				lock.Unlock()
			}()
			for !isOver.Load() {
				seed := next.Add(1) - 1
				if c.Seeds > 0 && seed-c.First >= c.Seeds || c.For > 0 && time.Since(began) > c.For {
					return
				}
				if failure := runner.Run(seed); failure != nil {
					lock.Lock()
					result.Failures = append(result.Failures, failure)
					isOver.Store(len(result.Failures) >= max(c.Most, 1))
					lock.Unlock()
				}
				done.Add(1)
			}
		})
	}
	wait.Wait()
	stopTelling()
	result.Done, result.Took = done.Load(), time.Since(began)
	return result
}

// tell reports progress until what it returns is called.
func (c Campaign) tell(began time.Time, done *atomic.Uint64, failed func() int) (stop func()) {
	if c.Progress == nil {
		return func() {}
	}
	ticker, over := time.NewTicker(time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				c.Progress(done.Load(), failed(), time.Since(began))
			case <-over:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(over)
	}
}
