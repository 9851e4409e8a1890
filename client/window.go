package client

import (
	"container/list"
	"context"
	"sync"
)

// window bounds what is on its way, in number and bytes. Who finds no room waits in line, so that a large
// value is not passed by small ones for ever. Whoever uses it holds the lock.
type window struct {
	lock                 sync.Locker
	mostCount, mostBytes int

	count, bytes int
	line         list.List // of *waiter
}

type waiter struct {
	bytes int
	isIn  bool          // it has its room
	ready chan struct{} // closed then
}

// enter takes room, if there is some and nobody waits. What is larger than the whole window has it alone.
func (w *window) enter(bytes int) bool {
	bytes = min(bytes, w.mostBytes)
	if w.line.Len() > 0 || !w.fits(bytes) {
		return false
	}
	w.take(bytes)
	return true
}

// wait stands in line until there is room, which it takes, or ctx ends. It lets the lock go meanwhile.
func (w *window) wait(ctx context.Context, bytes int) error {
	mine := &waiter{bytes: min(bytes, w.mostBytes), ready: make(chan struct{})}
	element := w.line.PushBack(mine)
	w.lock.Unlock()
	select {
	case <-mine.ready:
	case <-ctx.Done():
	}
	w.lock.Lock()
	if mine.isIn { // perhaps in the moment in which ctx ended
		return nil
	}
	w.line.Remove(element)
	w.admit() // who stood behind may fit
	return ctx.Err()
}

// leave gives back what enter or wait took. Who calls it has the line admitted afterwards, once.
func (w *window) leave(bytes int) {
	w.count--
	w.bytes -= min(bytes, w.mostBytes)
}

// admit lets those in who stand in front and fit.
func (w *window) admit() {
	for first := w.line.Front(); first != nil; first = w.line.Front() {
		next := first.Value.(*waiter)
		if !w.fits(next.bytes) {
			return
		}
		w.take(next.bytes)
		w.line.Remove(first)
		next.isIn = true
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
