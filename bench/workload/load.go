// Package workload is what the contestants are asked to do. Each load is written once, against the few
// methods of Client, and measured the same way for all of them.
package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Client hands values to a contestant and waits until they are acknowledged.
type Client interface {
	// Put returns when the value is acknowledged. It may be called by many goroutines at once.
	Put(ctx context.Context, value []byte) error
	Close()
}

// Wait returns when the value it belongs to is acknowledged, or was not.
type Wait func() error

// Pipeliner is a client that can have many values of one goroutine on their way.
type Pipeliner interface {
	Client
	// Go begins to hand over a value. It may wait for room in the client's own window.
	Go(ctx context.Context, value []byte) (Wait, error)
}

// Batcher is a client that takes many values in one call.
type Batcher interface {
	Client
	// PutAll returns when all values are acknowledged.
	PutAll(ctx context.Context, values [][]byte) error
}

// Kind is how a load hands over its values.
type Kind string

const (
	Closed    Kind = "closed"    // each client waits for its value before the next
	Pipelined Kind = "pipelined" // one goroutine, one connection, waits only for room in the window
	Batched   Kind = "batched"   // a few streams on one connection, each waits for a batch before the next
	Open      Kind = "open"      // values come at a rate, whether those before are acknowledged or not
)

// Load is what to do, and for how long.
type Load struct {
	Kind    Kind
	Bytes   int           // of a value
	For     time.Duration // how long values are begun; those on their way then are awaited
	Clients int           // closed: how many wait at once; batched: how many streams
	Window  int           // pipelined: how many values may be on their way
	Batch   int           // batched: how many values there are in a call
	Rate    float64       // open: values per second
}

// Connections is over how many connections a load goes that may have so many.
func (l Load) Connections(most int) int {
	switch l.Kind {
	case Closed:
		return min(most, l.Clients)
	case Pipelined, Batched:
		return 1
	}
	return most
}

// Run carries out a load with clients of one contestant, and tells how it went. It fails where no value at
// all was acknowledged.
func Run(ctx context.Context, load Load, clients []Client) (Measured, error) {
	if len(clients) == 0 {
		return Measured{}, fmt.Errorf("%s load: no clients", load.Kind)
	}
	var meters []*meter
	began := time.Now()
	switch load.Kind {
	case Closed:
		meters = runClosed(ctx, load, clients)
	case Open:
		meters = runOpen(ctx, load, clients)
	case Pipelined:
		pipeliner, ok := clients[0].(Pipeliner)
		if !ok {
			return Measured{}, fmt.Errorf("%T cannot pipeline", clients[0])
		}
		meters = runPipelined(ctx, load, pipeliner)
	case Batched:
		batcher, ok := clients[0].(Batcher)
		if !ok {
			return Measured{}, fmt.Errorf("%T cannot batch", clients[0])
		}
		meters = runBatched(ctx, load, batcher)
	default:
		return Measured{}, fmt.Errorf("no such load: %q", load.Kind)
	}
	return merge(meters, time.Since(began))
}

// Value returns a value of so many bytes, which nothing can make smaller.
func Value(bytes int) []byte {
	value := make([]byte, bytes)
	for i := range value {
		value[i] = byte(rand.Uint32())
	}
	return value
}
