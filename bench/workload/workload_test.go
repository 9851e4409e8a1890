package workload

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fake acknowledges each value after a while, but nothing from a moment until another.
type fake struct {
	takes          time.Duration
	everySecondErr bool
	puts           atomic.Int64

	mu            sync.Mutex
	began         time.Time
	pause, resume time.Duration // after it began
	waiting, most int
}

// pauses tells what is left of a pause, if there is one.
func (f *fake) pauses() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Since(f.began); now > f.pause && now < f.resume {
		return f.resume - now
	}
	return 0
}

// wait counts who waits.
func (f *fake) wait(more int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting += more
	f.most = max(f.most, f.waiting)
}

func (f *fake) Put(ctx context.Context, _ []byte) error {
	count := f.puts.Add(1)
	f.wait(1)
	defer f.wait(-1)
	time.Sleep(f.takes)
	time.Sleep(f.pauses())
	if f.everySecondErr && count%2 == 0 {
		return errors.New("no")
	}
	return ctx.Err()
}

func (f *fake) Go(ctx context.Context, value []byte) (Wait, error) {
	ended := make(chan error, 1)
	go func() { ended <- f.Put(ctx, value) }()
	return func() error { return <-ended }, nil
}

func (f *fake) PutAll(ctx context.Context, values [][]byte) error { return f.Put(ctx, values[0]) }

func (f *fake) Close() {}

func measure(t *testing.T, load Load, f *fake) Measured {
	t.Helper()
	f.began = time.Now()
	measured, err := Run(t.Context(), load, []Client{f})
	if err != nil {
		t.Fatal(err)
	}
	return measured
}

func TestAClosedLoopHasAsManyValuesOnTheirWayAsClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: 10 * time.Millisecond}
		got := measure(t, Load{Kind: Closed, Clients: 7, Bytes: 16, For: time.Second}, f)
		if f.most != 7 {
			t.Errorf("%d values were on their way, want 7", f.most)
		}
		if got.Values != 700 || got.P50.Round(time.Millisecond) != 10*time.Millisecond || got.PerSecond() != 700 {
			t.Errorf("got %+v, want 700 values of 10 ms", got)
		}
	})
}

func TestAnOpenLoopCountsFromWhenAValueWasToBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Half of all values fall into a pause of a second, and wait for half a second on average.
		f := &fake{takes: time.Millisecond, pause: time.Second, resume: 2 * time.Second}
		got := measure(t, Load{Kind: Open, Bytes: 16, For: 2 * time.Second, Rate: 1000}, f)
		if got.Values != 2000 {
			t.Errorf("%d values began, want all 2,000", got.Values)
		}
		if got.Max < 990*time.Millisecond || got.P99 < 900*time.Millisecond || got.P50 > 50*time.Millisecond {
			t.Errorf("got %+v, want latencies that show the pause to each value in it", got)
		}
	})
}

func TestAnOpenLoopThatMustWaitStillCountsFromWhenAValueWasToBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{pause: 0, resume: 5 * time.Second}
		const rate = 10 * schedules * mostWaiting // ten times as many a second as may wait
		got := measure(t, Load{Kind: Open, Bytes: 16, For: 200 * time.Millisecond, Rate: rate}, f)
		if want := int64(rate / 5); got.Values < want-schedules || got.Values > want+schedules {
			t.Errorf("%d values began, want %d", got.Values, want)
		}
		if got.P50 < 4800*time.Millisecond {
			t.Errorf("half of the values took %v at most, want the pause to count for all", got.P50)
		}
	})
}

func TestAPipelineKeepsToItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: 10 * time.Millisecond}
		got := measure(t, Load{Kind: Pipelined, Bytes: 16, Window: 50, For: time.Second}, f)
		if f.most != 50 {
			t.Errorf("%d values were on their way, want 50", f.most)
		}
		if got.Values < 5000 {
			t.Errorf("%d values, want 5,000: a window each 10 ms", got.Values)
		}
	})
}

func TestABatchCountsAllItsValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: 10 * time.Millisecond}
		got := measure(t, Load{Kind: Batched, Bytes: 16, Clients: 2, Batch: 100, For: time.Second}, f)
		if got.Values != 2*100*100 {
			t.Errorf("%d values, want 20,000", got.Values)
		}
	})
}

func TestWhatIsNotAcknowledgedIsCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: 10 * time.Millisecond, everySecondErr: true}
		got := measure(t, Load{Kind: Closed, Clients: 1, Bytes: 16, For: time.Second}, f)
		if got.Failed == 0 || got.Values+got.Failed != f.puts.Load() || got.FirstErr != "no" {
			t.Errorf("got %+v of %d", got, f.puts.Load())
		}
	})
}

func TestAFillPutsExactlySoMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted := &counting{}
		if err := Fill(t.Context(), counted, 10_050, 16, 100, 4); err != nil {
			t.Fatal(err)
		}
		if got := counted.values.Load(); got != 10_050 {
			t.Errorf("%d values, want 10,050", got)
		}
		if err := Fill(t.Context(), &counting{fails: true}, 10, 16, 10, 1); err == nil {
			t.Error("a fill that failed says nothing")
		}
	})
}

type counting struct {
	fake
	values atomic.Int64
	fails  bool
}

func (c *counting) PutAll(_ context.Context, values [][]byte) error {
	if c.fails {
		return errors.New("no")
	}
	c.values.Add(int64(len(values)))
	return nil
}

func TestAnInterruptionIsAsLongAsNobodyIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: time.Millisecond}
		f.began = time.Now()
		got, err := Interrupt(t.Context(), []Client{f}, 16, func() error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.pause = time.Since(f.began)
			f.resume = f.pause + 3*time.Second
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got.Longest < 3*time.Second-3*beat || got.Longest > 3*time.Second+3*beat {
			t.Errorf("the longest pause is %v, want 3 s", got.Longest)
		}
		if got.Failed != 0 || got.Values < int64(3*time.Second/beat) {
			t.Errorf("got %+v, want values to begin all the time", got)
		}
	})
}
