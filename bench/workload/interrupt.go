package workload

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// beat is how often a value begins while an interruption is watched: what a pause can be told to.
	beat = 2 * time.Millisecond

	// beatPatience is how long such a value may take. interruptionPatience is how long an interruption may.
	beatPatience         = 10 * time.Second
	interruptionPatience = 60 * time.Second

	// steadyFor is how long values must have been acknowledged without a pause of hole before and after an
	// interruption.
	steadyFor = 1500 * time.Millisecond
	hole      = 500 * time.Millisecond
)

// Interruption is what an interruption cost.
type Interruption struct {
	Longest time.Duration // between two acknowledgements, whoever got them
	Values  int64         // begun while it was watched
	Failed  int64         // of these, not acknowledged without a retry
}

// Interrupt begins a value each beat, whatever became of those before, interrupts the contestant and waits
// until values are acknowledged steadily again.
func Interrupt(ctx context.Context, clients []Client, bytes int, interrupt func() error) (Interruption, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watch{clients: clients, value: Value(bytes)}
	var beating sync.WaitGroup
	stop := make(chan struct{})
	w.last.Store(time.Now().UnixNano())
	beating.Go(func() { w.run(ctx, stop) })
	end := func() { close(stop); beating.Wait() }
	if err := w.awaitSteady(ctx); err != nil {
		end()
		return Interruption{}, fmt.Errorf("before the interruption: %w", err)
	}
	w.longest.Store(0)
	w.failed.Store(0)
	before := w.values.Load()
	if err := interrupt(); err != nil {
		end()
		return Interruption{}, err
	}
	if err := w.awaitSteady(ctx); err != nil {
		end()
		return Interruption{}, fmt.Errorf("after the interruption: %w", err)
	}
	end()
	return Interruption{
		Longest: time.Duration(w.longest.Load()),
		Values:  w.values.Load() - before, Failed: w.failed.Load(),
	}, nil
}

// watch puts values all the time, and looks at when they are acknowledged.
type watch struct {
	clients []Client
	value   []byte

	values, failed atomic.Int64
	last           atomic.Int64 // when a value was last acknowledged, in nanoseconds
	longest        atomic.Int64 // between two acknowledgements
}

func (w *watch) run(ctx context.Context, stop <-chan struct{}) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	var waiting sync.WaitGroup
	defer waiting.Wait()
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		w.values.Add(1)
		client := w.clients[i%len(w.clients)]
		waiting.Go(func() { w.put(ctx, client) })
	}
}

func (w *watch) put(ctx context.Context, client Client) {
	ctx, cancel := context.WithTimeout(ctx, beatPatience)
	defer cancel()
	if client.Put(ctx, w.value) != nil {
		w.failed.Add(1)
		return
	}
	now := time.Now().UnixNano()
	gap := now - w.last.Swap(now)
	for {
		longest := w.longest.Load()
		if gap <= longest || w.longest.CompareAndSwap(longest, gap) {
			return
		}
	}
}

// awaitSteady returns when values have been acknowledged for a while without a hole.
func (w *watch) awaitSteady(ctx context.Context) error {
	began := time.Now()
	for steadySince := began; time.Since(steadySince) < steadyFor; {
		if time.Since(began) > interruptionPatience {
			return fmt.Errorf("values are not acknowledged steadily within %v", interruptionPatience)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
		if now := time.Now(); now.UnixNano()-w.last.Load() > int64(hole) {
			steadySince = now
		}
	}
	return nil
}
