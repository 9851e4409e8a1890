package workload

import (
	"context"
	"sync"
	"time"
)

// patience is how long a value may take before it counts as not acknowledged.
const patience = 30 * time.Second

// afterFailure is how long a client waits before its next value where one was not acknowledged.
const afterFailure = 10 * time.Millisecond

// runClosed has each of load.Clients wait for its value before the next. They share the connections evenly,
// and each begins one value at least, however late its turn comes.
func runClosed(ctx context.Context, load Load, clients []Client) []*meter {
	value := Value(load.Bytes)
	meters := make([]*meter, len(clients))
	for i := range meters {
		meters[i] = newMeter()
	}
	end := time.Now().Add(load.For)
	var wait sync.WaitGroup
	for i := range load.Clients {
		connection := i % len(clients)
		wait.Go(func() { putUntil(ctx, end, clients[connection], value, meters[connection]) })
	}
	wait.Wait()
	return meters
}

func putUntil(ctx context.Context, end time.Time, client Client, value []byte, m *meter) {
	ctx, cancel := context.WithDeadline(ctx, end.Add(patience))
	defer cancel()
	for began := time.Now(); ; {
		err := client.Put(ctx, value)
		now := time.Now()
		m.took(now.Sub(began), 1, err)
		if err != nil {
			time.Sleep(afterFailure)
			now = time.Now()
		}
		if began = now; !began.Before(end) || ctx.Err() != nil {
			return
		}
	}
}

// runBatched has each of load.Clients wait for a whole batch before the next, all on one connection. A
// latency is that of a batch.
func runBatched(ctx context.Context, load Load, client Batcher) []*meter {
	values := make([][]byte, load.Batch)
	for i := range values {
		values[i] = Value(load.Bytes)
	}
	ctx, cancel := context.WithTimeout(ctx, load.For+patience)
	defer cancel()
	end := time.Now().Add(load.For)
	meters := make([]*meter, load.Clients)
	var wait sync.WaitGroup
	for i := range meters {
		meters[i] = newMeter()
		wait.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				began := time.Now()
				err := client.PutAll(ctx, values)
				meters[i].took(time.Since(began), len(values), err)
				if err != nil {
					time.Sleep(afterFailure)
				}
			}
		})
	}
	wait.Wait()
	return meters
}
