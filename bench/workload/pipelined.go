package workload

import (
	"context"
	"time"
)

// sent is a value on its way.
type sent struct {
	at   time.Time
	wait Wait
}

// runPipelined has one goroutine hand over values, with at most load.Window of them on their way, and
// another wait for each in turn.
func runPipelined(ctx context.Context, load Load, client Pipeliner) []*meter {
	ctx, cancel := context.WithTimeout(ctx, load.For+patience)
	defer cancel()
	failed, acknowledged := newMeter(), newMeter()
	onTheirWay := make(chan sent, max(0, load.Window-2)) // beside it: one being sent, one awaited
	go func() {
		defer close(onTheirWay)
		value := Value(load.Bytes)
		for end := time.Now().Add(load.For); ctx.Err() == nil; {
			now := time.Now()
			if now.After(end) {
				return
			}
			wait, err := client.Go(ctx, value)
			if err != nil {
				failed.took(0, 1, err)
				time.Sleep(afterFailure)
				continue
			}
			onTheirWay <- sent{at: now, wait: wait}
		}
	}()
	for one := range onTheirWay {
		err := one.wait()
		acknowledged.took(time.Since(one.at), 1, err)
	}
	return []*meter{failed, acknowledged}
}
