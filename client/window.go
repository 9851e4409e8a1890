package client

import (
	"container/list"
	"context"
	"sync"
)

// window bounds what is on its way, in number and bytes. Who finds no room waits in line, so that a large
// value is not passed by small ones for ever.
type window struct {
	mostCount, mostBytes int

	mutex        sync.Mutex
	count, bytes int
	line         list.List // of *waiter
}

type waiter struct {
	bytes int
	ready chan struct{} // closed when it has its room
}

// enter waits for room until ctx ends. What is larger than the whole window has it alone.
func (w *window) enter(ctx context.Context, bytes int) error {
	bytes = min(bytes, w.mostBytes)
	w.mutex.Lock()
	if w.line.Len() == 0 && w.fits(bytes) {
		w.take(bytes)
		w.mutex.Unlock()
		return nil
	}
	mine := &waiter{bytes: bytes, ready: make(chan struct{})}
	element := w.line.PushBack(mine)
	w.mutex.Unlock()
	select {
	case <-mine.ready:
		return nil
	case <-ctx.Done():
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	select {
	case <-mine.ready: // in the same moment
		return nil
	default:
	}
	w.line.Remove(element)
	w.admit() // who stood behind may fit
	return ctx.Err()
}

// leave gives back what enter took.
func (w *window) leave(bytes int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.count--
	w.bytes -= min(bytes, w.mostBytes)
	w.admit()
}

func (w *window) admit() {
	for first := w.line.Front(); first != nil; first = w.line.Front() {
		next := first.Value.(*waiter)
		if !w.fits(next.bytes) {
			return
		}
		w.take(next.bytes)
		w.line.Remove(first)
		close(next.ready)
	}
}

func (w *window) fits(bytes int) bool {
	return w.count < w.mostCount && w.bytes+bytes <= w.mostBytes
}

func (w *window) take(bytes int) {
	w.count++
	w.bytes += bytes
}
