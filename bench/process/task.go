package process

import (
	"context"
	"errors"
	"syscall"
	"time"
)

// task is a run within this process.
type task struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // why it ended; to be read when it has
}

// errStopped is why a task ended that was asked to.
var errStopped = errors.New("it was stopped")

func startTask(program func(context.Context) error) *task {
	ctx, cancel := context.WithCancel(context.Background())
	t := &task{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		if t.err = program(ctx); t.err == nil {
			t.err = errStopped
		}
	}()
	return t
}

func (t *task) ended() <-chan struct{} { return t.done }

// signal asks it to end, whatever the signal: there is no other way to end a goroutine.
func (t *task) signal(syscall.Signal) { t.cancel() }

// processor is zero: what goroutines use is not told apart.
func (*task) processor() (time.Duration, error) { return 0, nil }

func (*task) memory() (int64, error) {
	return 0, errors.New("it has no memory of its own: it runs within this process")
}
