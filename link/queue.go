package link

import (
	"slices"
	"sync"
)

// Queue hands items from many goroutines to the one that takes them all at once, in the order of Put. Of a
// class that is limited it takes only so much at once, behind what is of others.
//
// Items are of classes, and each class is bounded in bytes by itself, so that one cannot push out
// another. A class that holds nothing admits one item of any size; else none that would take it above
// its bound. Nobody ever waits in Put.
type Queue[T any] struct {
	ready chan struct{} // capacity 1
	most  []int         // by class

	mutex sync.Mutex
	items []T       // of classes without a limit
	bytes []int     // by class
	piles []pile[T] // by class, of those with a limit
}

// pile is what waits of a class that is limited.
type pile[T any] struct {
	atOnce int // bytes, but for one item that is larger; 0: no limit, and nothing is here
	items  []weighed[T]
}

type weighed[T any] struct {
	item T
	size int
}

// take appends to taken what may be taken at once, and returns how many bytes that is.
func (p *pile[T]) take(taken []T) ([]T, int) {
	count, bytes := 0, 0
	for _, w := range p.items {
		if count > 0 && bytes+w.size > p.atOnce {
			break
		}
		taken = append(taken, w.item)
		count++
		bytes += w.size
	}
	p.items = slices.Delete(p.items, 0, count)
	return taken, bytes
}

// NewQueue returns a queue of as many classes as bounds in bytes are given.
func NewQueue[T any](most ...int) *Queue[T] {
	return &Queue[T]{
		ready: make(chan struct{}, 1), most: most, bytes: make([]int, len(most)), piles: make([]pile[T], len(most)),
	}
}

// Limit has no more bytes of a class taken at once than given, or one item. It is called before Put.
func (q *Queue[T]) Limit(class, bytes int) { q.piles[class].atOnce = bytes }

// Ready is sent to when there is something to take that was not there at the last Take, or was left by it.
func (q *Queue[T]) Ready() <-chan struct{} { return q.ready }

// Put adds an item that weighs size bytes, and reports whether its class had room for it.
func (q *Queue[T]) Put(class int, item T, size int) bool {
	q.mutex.Lock()
	if q.bytes[class] > 0 && q.bytes[class]+size > q.most[class] {
		q.mutex.Unlock()
		return false
	}
	wasEmpty := q.isEmpty()
	if pile := &q.piles[class]; pile.atOnce > 0 {
		pile.items = append(pile.items, weighed[T]{item, size})
	} else {
		q.items = append(q.items, item)
	}
	q.bytes[class] += size
	q.mutex.Unlock()
	if wasEmpty {
		q.tell()
	}
	return true
}

func (q *Queue[T]) isEmpty() bool {
	return len(q.items) == 0 &&
		!slices.ContainsFunc(q.piles, func(p pile[T]) bool { return len(p.items) > 0 })
}

func (q *Queue[T]) tell() {
	select {
	case q.ready <- struct{}{}:
	default: // already told
	}
}

// Take returns every item, limits aside, and goes on with spare as its memory: the slice that the last Take
// returned, or nil. What spare held is forgotten.
func (q *Queue[T]) Take(spare []T) []T {
	clear(spare)
	q.mutex.Lock()
	defer q.mutex.Unlock()
	taken := q.items
	q.items = spare[:0]
	for class := range q.piles {
		pile := &q.piles[class]
		if pile.atOnce == 0 {
			q.bytes[class] = 0
			continue
		}
		var bytes int
		taken, bytes = pile.take(taken)
		q.bytes[class] -= bytes
	}
	if !q.isEmpty() {
		q.tell()
	}
	return taken
}
