package client

import (
	"context"

	"github.com/synod-log/synod/paxos"
)

// learnHere learns in this process, over a connection of its own.
func (c *Client) learnHere(ctx context.Context, from paxos.Slot, yield func(Entry, error) bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-c.closed:
			cancel(ErrClosed)
		case <-ctx.Done():
		}
	}()
	learner, err := NewLearner(LearnerOptions{
		Conn: *c.options.Learn, Prefix: c.options.Prefix, Log: c.log, From: from,
		BufferBytes: c.options.BufferBytes,
	})
	if err != nil {
		yield(Entry{}, err)
		return
	}
	defer learner.Close()
	runs, ended := make(chan paxos.Run), make(chan struct{})
	defer func() { cancel(nil); <-ended }()
	go func() {
		defer close(ended)
		cancel(learner.Run(ctx, func(run paxos.Run) error {
			select {
			case runs <- run:
			case <-ctx.Done():
			}
			return nil
		}))
	}()
	for {
		select {
		case run := <-runs:
			for i := range run.Values {
				if !yield(entryOfValue(run.First+paxos.Slot(i), &run.Values[i]), nil) {
					return
				}
			}
		case <-ctx.Done():
			yield(Entry{}, context.Cause(ctx))
			return
		}
	}
}
