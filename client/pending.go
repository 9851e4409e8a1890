package client

import (
	"sync/atomic"

	"github.com/synod-log/synod/paxos"
)

// Pending is a proposal on its way. The pipeline's lock guards it until it is resolved.
type Pending struct {
	pipeline *pipeline
	value    paxos.Value
	size     int      // as the window counts it
	message  *message // that carries it; nil: none does yet
	index    int      // in the message
	isAlone  bool     // it is sent in a message of its own

	isEntered  bool        // it has room in the window
	isResolved atomic.Bool // outcome and err stay as they are
	outcome    Outcome
	err        error

	done chan struct{} // closed when it is resolved; nil: nobody asked
	many *many         // what awaits it with others; nil: nothing does

	watch          *watch // that gives it up when its context ends; nil: none does
	next, previous *Pending
}

// many is proposals that whoever made them awaits together.
type many struct {
	left int // not resolved
	done chan struct{}
}

// Done is closed when the outcome is known, or ctx ended.
func (p *Pending) Done() <-chan struct{} {
	p.pipeline.Lock()
	defer p.pipeline.Unlock()
	switch {
	case p.done != nil:
	case p.isResolved.Load():
		p.done = closed
	default:
		p.done = make(chan struct{})
	}
	return p.done
}

// closed is what those share of whom nobody asked before they were resolved.
var closed = func() chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}()

// Result is how the proposal ended. It waits for Done.
func (p *Pending) Result() (Outcome, error) {
	if !p.isResolved.Load() {
		<-p.Done()
	}
	return p.outcome, p.err
}

const (
	// spareCount is how many proposals are allocated at once. One of them keeps all in memory.
	spareCount = 16
	// mostShared is the most bytes that a value may have which is copied into memory that others share,
	// and sharedBytes how large such a piece is.
	mostShared  = 512
	sharedBytes = 8 << 10
)

// spares is memory for proposals, allocated for many at once.
type spares struct {
	proposals []Pending
	bytes     []byte
}

func (s *spares) proposal() *Pending {
	if len(s.proposals) == 0 {
		s.proposals = make([]Pending, spareCount)
	}
	p := &s.proposals[0]
	s.proposals = s.proposals[1:]
	return p
}

// copy copies a small value. Large ones were copied before.
func (s *spares) copy(data []byte) []byte {
	if len(data) > mostShared {
		return data
	}
	if cap(s.bytes)-len(s.bytes) < len(data) {
		s.bytes = make([]byte, 0, sharedBytes)
	}
	begin := len(s.bytes)
	s.bytes = append(s.bytes, data...)
	return s.bytes[begin:len(s.bytes):len(s.bytes)]
}
