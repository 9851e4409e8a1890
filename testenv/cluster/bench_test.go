package cluster

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// BenchmarkPropose is plain requests of 128 bytes in a closed loop, fsynced on two of three acceptors before
// they are answered: broker, workers and clients share this machine.
func BenchmarkPropose(b *testing.B) {
	for _, clients := range []int{1, 16, 256, 1024} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) { benchmarkPropose(b, clients) })
	}
}

func benchmarkPropose(b *testing.B, clients int) {
	c := Start(b, Options{})
	conns := make([]*nats.Conn, min(clients, 8))
	for i := range conns {
		conns[i] = c.Connect()
	}
	value := make([]byte, 128)
	var left atomic.Int64
	left.Store(int64(b.N))
	before := processorTime()
	b.ResetTimer()
	var wait sync.WaitGroup
	for i := range clients {
		wait.Go(func() {
			conn := conns[i%len(conns)]
			for left.Add(-1) >= 0 {
				reply, err := conn.Request("synod.main.propose", value, 10*time.Second)
				if err != nil {
					b.Errorf("not answered: %v", err)
					return
				}
				if reply.Header.Get("Nats-Service-Error-Code") != "" {
					b.Errorf("refused: %s", reply.Data)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "values/s")
	b.ReportMetric((processorTime()-before).Seconds()*1e6/float64(b.N), "cpu-µs/value")
}

// processorTime is what this process has used: the broker, all workers and the clients.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
