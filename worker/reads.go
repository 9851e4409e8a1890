package worker

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/synod-log/synod/paxos"
)

const (
	// readers is how many pages are read at a time. Two keep a disk busy and leave the processor to
	// the loop.
	readers = 2
	// waitingReads is how many pages may wait to be read. Whoever waits longer asks another acceptor.
	waitingReads = 64
)

// pageSource is where settled values are read from: a store.
type pageSource interface {
	Read(first, through paxos.Slot, maxBytes int, idsOnly bool) (paxos.Run, error)
}

// reads serves the pages of settled values that others pull, apart from the acceptor's loop: settled
// values never change, so that a page may be read while the loop votes. What cannot be served soon is
// dropped and counted.
type reads struct {
	source  pageSource
	page    func() int // the most bytes that a page may have now
	newSend func() func(paxos.Message)

	mutex   sync.Mutex
	asked   map[asked]bool // those that wait or are read, so that who asks again is not served twice
	queue   chan request
	ended   atomic.Bool
	failed  chan error // capacity 1: the first error of the source
	working sync.WaitGroup
	dropped atomic.Uint64
	served  atomic.Uint64
}

// request is a read, and what its answer says beside the page.
type request struct {
	paxos.Read
	tag  paxos.Tag
	from paxos.Address
}

// asked is what makes two reads the same. How far the log had settled when they were asked does not.
type asked struct {
	to      paxos.Address
	first   paxos.Slot
	idsOnly bool
}

func (r request) asked() asked { return asked{to: r.To, first: r.First, idsOnly: r.IDsOnly} }

// startReads starts the readers. Each sends through a function of its own that newSend makes.
func startReads(source pageSource, page func() int, newSend func() func(paxos.Message)) *reads {
	r := &reads{
		source: source, page: page, newSend: newSend,
		asked: map[asked]bool{}, queue: make(chan request, waitingReads), failed: make(chan error, 1),
	}
	for range readers {
		r.working.Go(r.work)
	}
	return r
}

// ask queues a read, or drops it where too many wait, or the same does. It never waits.
func (r *reads) ask(read request) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.asked[read.asked()] {
		r.dropped.Add(1)
		return
	}
	select {
	case r.queue <- read:
		r.asked[read.asked()] = true
	default:
		r.dropped.Add(1)
	}
}

// done notes that a read was served, or cannot be.
func (r *reads) done(read request) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.asked, read.asked())
}

// stop ends the readers when they are done with the page they read. Nobody asks any more.
func (r *reads) stop() {
	r.ended.Store(true)
	close(r.queue)
	r.working.Wait()
}

func (r *reads) work() {
	send := r.newSend()
	for read := range r.queue {
		if r.ended.Load() {
			continue
		}
		run, err := r.source.Read(read.First, read.Through, r.page(), read.IDsOnly)
		r.done(read)
		if err != nil {
			r.fail(err)
			continue
		}
		r.served.Add(1)
		if run.IsEmpty() {
			run.First = read.First
		}
		send(paxos.Message{
			From: read.from, To: read.To, Tag: read.tag,
			Body: &paxos.Settled{Run: run, Through: read.Through, IDsOnly: read.IDsOnly},
		})
	}
}

// fail keeps the first error, for the loop to end with: a store that cannot be read any more is
// damaged, and does not vote.
func (r *reads) fail(err error) {
	select {
	case r.failed <- err:
	default:
	}
}

// failure returns the source's first error, once.
func (r *reads) failure() error {
	select {
	case err := <-r.failed:
		return errors.Join(errReading, err)
	default:
		return nil
	}
}

var errReading = errors.New("reading settled values failed, and an acceptor whose store is damaged " +
	"does not vote")
