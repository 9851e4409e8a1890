package link

import "sync"

// Queue hands items from many goroutines to the one that takes them all at once, in the order of Put.
//
// Items are of classes, and each class is bounded in bytes by itself, so that one cannot push out
// another. A class that holds nothing admits one item of any size; else none that would take it above
// its bound. Nobody ever waits in Put.
type Queue[T any] struct {
	ready chan struct{} // capacity 1
	most  []int         // by class

	mutex sync.Mutex
	items []T
	bytes []int // by class
}

// NewQueue returns a queue of as many classes as bounds in bytes are given.
func NewQueue[T any](most ...int) *Queue[T] {
	return &Queue[T]{ready: make(chan struct{}, 1), most: most, bytes: make([]int, len(most))}
}

// Ready is sent to when there is something to take that was not there at the last Take.
func (q *Queue[T]) Ready() <-chan struct{} { return q.ready }

// Put adds an item that weighs size bytes, and reports whether its class had room for it.
func (q *Queue[T]) Put(class int, item T, size int) bool {
	q.mutex.Lock()
	if q.bytes[class] > 0 && q.bytes[class]+size > q.most[class] {
		q.mutex.Unlock()
		return false
	}
	wasEmpty := len(q.items) == 0
	q.items = append(q.items, item)
	q.bytes[class] += size
	q.mutex.Unlock()
	if wasEmpty {
		select {
		case q.ready <- struct{}{}:
		default: // already told
		}
	}
	return true
}

// Take returns every item, and goes on with spare as its memory: the slice that the last Take
// returned, or nil. What spare held is forgotten.
func (q *Queue[T]) Take(spare []T) []T {
	clear(spare)
	q.mutex.Lock()
	defer q.mutex.Unlock()
	taken := q.items
	q.items = spare[:0]
	clear(q.bytes)
	return taken
}
