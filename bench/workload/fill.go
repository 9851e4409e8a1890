package workload

import (
	"context"
	"sync"
	"sync/atomic"
)

// Fill puts so many values, in batches, from a few goroutines on one connection.
func Fill(ctx context.Context, client Batcher, values, bytes, batch, streams int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	one := Value(bytes)
	var begun atomic.Int64
	var wait sync.WaitGroup
	for range streams {
		wait.Go(func() {
			for ctx.Err() == nil {
				first := int(begun.Add(int64(batch))) - batch
				if first >= values {
					return
				}
				all := make([][]byte, min(batch, values-first))
				for i := range all {
					all[i] = one
				}
				if err := client.PutAll(ctx, all); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}
