package workload

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are recorded in microseconds, with three digits.
const (
	longest = int64(10 * time.Minute / time.Microsecond)
	digits  = 3
)

// Measured is how a load went.
type Measured struct {
	Values   int64 // acknowledged
	Failed   int64 // not acknowledged
	FirstErr string
	Elapsed  time.Duration // until the last value was acknowledged
	P50      time.Duration
	P99      time.Duration
	P999     time.Duration
	Max      time.Duration
}

// PerSecond is how many values were acknowledged in a second.
func (m Measured) PerSecond() float64 { return float64(m.Values) / m.Elapsed.Seconds() }

// meter is what the goroutines of a connection have measured. One for each of a thousand would be hundreds of
// megabytes to fill and to merge, which whoever is measured pays for where all share a process.
type meter struct {
	mu      sync.Mutex
	latency *hdrhistogram.Histogram
	values  int64
	failed  int64
	err     error // the first
}

func newMeter() *meter { return &meter{latency: hdrhistogram.New(1, longest, digits)} }

// took records how long it took to have so many values acknowledged, or why they were not.
func (m *meter) took(d time.Duration, values int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.failed += int64(values)
		if m.err == nil {
			m.err = err
		}
		return
	}
	m.values += int64(values)
	_ = m.latency.RecordValue(min(max(1, d.Microseconds()), longest)) // within its bounds: never fails
}

func merge(meters []*meter, elapsed time.Duration) (Measured, error) {
	all := newMeter()
	for _, m := range meters {
		all.latency.Merge(m.latency)
		all.values += m.values
		all.failed += m.failed
		if all.err == nil {
			all.err = m.err
		}
	}
	if all.values == 0 && all.err == nil {
		return Measured{}, errors.New("no value was begun")
	}
	if all.values == 0 {
		return Measured{}, fmt.Errorf("no value was acknowledged, %d were not: %w", all.failed, all.err)
	}
	measured := Measured{Values: all.values, Failed: all.failed, Elapsed: elapsed}
	if all.err != nil {
		measured.FirstErr = all.err.Error()
	}
	quantile := func(percent float64) time.Duration {
		return time.Duration(all.latency.ValueAtQuantile(percent)) * time.Microsecond
	}
	measured.P50, measured.P99, measured.P999 = quantile(50), quantile(99), quantile(99.9)
	measured.Max = time.Duration(all.latency.Max()) * time.Microsecond
	return measured, nil
}
