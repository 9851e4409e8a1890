package cluster

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

// BenchmarkClient is values proposed by the Go client over one connection, fsynced on two of three
// acceptors before they are acknowledged: broker, workers and client share this machine.
func BenchmarkClient(b *testing.B) {
	for _, bytes := range []int{16, 128, 1024} {
		b.Run(fmt.Sprintf("pipelined/bytes=%d", bytes), func(b *testing.B) { benchmarkPipelined(b, bytes) })
	}
	for _, goroutines := range []int{1, 256, 1024} {
		b.Run(fmt.Sprintf("closed/goroutines=%d", goroutines),
			func(b *testing.B) { benchmarkClosed(b, goroutines) })
	}
	b.Run("all/bytes=128", benchmarkAll)
}

func newClient(b *testing.B, c *Cluster) *client.Client {
	b.Helper()
	log, err := client.New(c.Connect(), "main", client.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(log.Close)
	return log
}

// benchmarkPipelined is one goroutine that proposes without waiting, but for the window.
func benchmarkPipelined(b *testing.B, bytes int) {
	log := newClient(b, Start(b, Options{}))
	value := make([]byte, bytes)
	sent := make(chan *client.Pending, 1<<20)
	measure(b, func() {
		go func() {
			defer close(sent)
			for range b.N {
				pending, err := log.Go(b.Context(), client.Proposal{Value: value})
				if err != nil {
					b.Errorf("not sent: %v", err)
					return
				}
				sent <- pending
			}
		}()
		for pending := range sent {
			if _, err := pending.Result(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// benchmarkClosed is goroutines that each wait for one value before the next.
func benchmarkClosed(b *testing.B, goroutines int) {
	log := newClient(b, Start(b, Options{}))
	measure(b, func() { proposeClosed(b, log, goroutines) })
}

func proposeClosed(b *testing.B, log *client.Client, goroutines int) {
	value := make([]byte, 128)
	var left atomic.Int64
	left.Store(int64(b.N))
	var wait sync.WaitGroup
	for range goroutines {
		wait.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := log.Propose(b.Context(), client.Proposal{Value: value}); err != nil {
					b.Errorf("not acknowledged: %v", err)
					return
				}
			}
		})
	}
	wait.Wait()
}

// benchmarkAll is one goroutine that proposes a thousand values at a time, and waits for them.
func benchmarkAll(b *testing.B) {
	log := newClient(b, Start(b, Options{}))
	proposals := make([]client.Proposal, 1000)
	for i := range proposals {
		proposals[i].Value = make([]byte, 128)
	}
	measure(b, func() {
		for left := b.N; left > 0; left -= len(proposals) {
			if _, err := log.ProposeAll(b.Context(), proposals[:min(left, len(proposals))]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkProposeBesideReaders is 64 goroutines that propose while others read what the learner no longer
// keeps, from the acceptors, again and again.
func BenchmarkProposeBesideReaders(b *testing.B) {
	for _, readers := range []int{0, 1, 16, 64} {
		b.Run(fmt.Sprintf("readers=%d", readers), func(b *testing.B) { benchmarkBesideReaders(b, readers) })
	}
}

func benchmarkBesideReaders(b *testing.B, readers int) {
	c := Start(b, Options{})
	log := newClient(b, c)
	old := make([]client.Proposal, 40) // 40 MiB: what a learner keeps is less
	for i := range old {
		old[i].Value = make([]byte, 1000<<10)
	}
	if _, err := log.ProposeAll(b.Context(), old); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var reading sync.WaitGroup
	var read atomic.Int64
	for range readers {
		conn := c.Connect()
		reading.Go(func() { readOld(ctx, conn, &read) })
	}
	measure(b, func() { proposeClosed(b, log, 64) })
	b.ReportMetric(float64(read.Load())/b.Elapsed().Seconds(), "MB-read/s")
	cancel()
	reading.Wait()
}

// readOld reads old slots, one after another, as a plain client does.
func readOld(ctx context.Context, conn *nats.Conn, read *atomic.Int64) {
	for slot := 1; ctx.Err() == nil; slot = slot%20 + 1 {
		request := fmt.Appendf(nil, `{"from":%d,"max":1}`, slot)
		if _, err := conn.RequestWithContext(ctx, "synod.main.read", request); err == nil {
			read.Add(1)
		}
	}
}

func measure(b *testing.B, run func()) {
	before := processorTime()
	b.ReportAllocs()
	b.ResetTimer()
	run()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "values/s")
	b.ReportMetric((processorTime()-before).Seconds()*1e6/float64(b.N), "cpu-µs/value")
}
