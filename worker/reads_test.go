package worker

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/synod-log/synod/paxos"
)

// shelf is a source of pages that can be held up.
type shelf struct {
	hold   chan struct{} // nil: not held up
	broken error

	mutex sync.Mutex
	asked []int // bytes
}

func (s *shelf) Read(first, through paxos.Slot, maxBytes int, _ bool) (paxos.Run, error) {
	if s.hold != nil {
		<-s.hold
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked = append(s.asked, maxBytes)
	if s.broken != nil || first > through {
		return paxos.Run{}, s.broken
	}
	return paxos.Run{First: first, Values: make([]paxos.Value, through-first+1)}, nil
}

// pages are what readers sent.
type pages struct {
	mutex sync.Mutex
	sent  []paxos.Message
}

func (p *pages) newSend() func(paxos.Message) {
	return func(m paxos.Message) {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		p.sent = append(p.sent, m)
	}
}

func page() int { return 1000 }

// serveAll ends the readers when all that waits is served.
func serveAll(r *reads) {
	close(r.queue)
	r.working.Wait()
}

func TestReadsThatWaitWhenTheAcceptorEndsAreNotServed(t *testing.T) {
	source, out := &shelf{hold: make(chan struct{})}, &pages{}
	r := startReads(source, page, out.newSend)
	for i := range waitingReads {
		r.ask(request{Read: paxos.Read{First: paxos.Slot(i + 1), Through: paxos.Slot(i + 1)}})
	}
	stopped := make(chan struct{})
	go func() { r.stop(); close(stopped) }()
	for !r.ended.Load() {
		runtime.Gosched()
	}
	close(source.hold)
	<-stopped
	if len(out.sent) > readers {
		t.Errorf("%d pages were sent after the end, want only those being read", len(out.sent))
	}
}

func TestAReadIsAnsweredWithAPageOfSettledValues(t *testing.T) {
	source, out := &shelf{}, &pages{}
	r := startReads(source, page, out.newSend)
	to := paxos.Address{Role: paxos.RoleLearner, ID: "l1"}
	from := paxos.Address{Role: paxos.RoleAcceptor, ID: "a1"}
	r.ask(request{Read: paxos.Read{To: to, First: 3, Through: 5}, tag: paxos.Tag{7}, from: from})
	serveAll(r)
	if len(out.sent) != 1 || source.asked[0] != page() {
		t.Fatalf("%d pages were sent, of at most %v bytes", len(out.sent), source.asked)
	}
	m := out.sent[0]
	settled := m.Body.(*paxos.Settled)
	if m.From != from || m.To != to || m.Tag != (paxos.Tag{7}) {
		t.Errorf("the page is from %v to %v with tag %v", m.From, m.To, m.Tag)
	}
	if settled.Run.First != 3 || settled.Run.Last() != 5 || settled.Through != 5 {
		t.Errorf("the page is %v through %d, want 3-5 through 5", settled.Run.Span(), settled.Through)
	}
}

func TestAnEmptyPageSaysWhereItWasAskedFor(t *testing.T) {
	out := &pages{}
	r := startReads(&shelf{}, page, out.newSend)
	r.ask(request{Read: paxos.Read{First: 9, Through: 5}})
	serveAll(r)
	if settled := out.sent[0].Body.(*paxos.Settled); settled.Run.First != 9 || settled.Through != 5 {
		t.Errorf("an empty page is at %d through %d, want 9 through 5", settled.Run.First, settled.Through)
	}
}

func TestReadsThatCannotBeServedAreDroppedAndNeverHoldTheLoopUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, out := &shelf{hold: make(chan struct{})}, &pages{}
		r := startReads(source, page, out.newSend)
		synctest.Wait() // the readers wait for work
		const asked = waitingReads + 100
		for i := range asked {
			r.ask(request{Read: paxos.Read{First: paxos.Slot(i), Through: paxos.Slot(i)}}) // would hang here
		}
		close(source.hold)
		serveAll(r)
		dropped := r.dropped.Load()
		served := uint64(len(out.sent))
		if served != r.served.Load() || served+dropped != asked || dropped == 0 {
			t.Errorf("of %d reads %d were served (%d counted) and %d dropped",
				asked, served, r.served.Load(), dropped)
		}
	})
}

func TestTheFirstErrorOfAStoreIsKept(t *testing.T) {
	source, out := &shelf{broken: errors.New("slot 7 is not where it was saved")}, &pages{}
	r := startReads(source, page, out.newSend)
	for range 3 {
		r.ask(request{Read: paxos.Read{First: 1, Through: 1}})
	}
	serveAll(r)
	if err := r.failure(); !errors.Is(err, source.broken) {
		t.Errorf("the failure is %v, want the store's own words", err)
	}
	if len(out.sent) > 0 {
		t.Error("a page was sent of a store that cannot be read")
	}
}

func TestAReadThatWaitsIsNotQueuedTwice(t *testing.T) {
	r := &reads{asked: map[asked]bool{}, queue: make(chan request, waitingReads)}
	same := request{Read: paxos.Read{To: paxos.Address{Role: paxos.RoleLearner, ID: "l1"}, First: 7}}
	r.ask(same)
	later := same
	later.Through = 99 // the log has grown
	r.ask(later)
	other := same
	other.First = 8
	r.ask(other)
	if len(r.queue) != 2 || r.dropped.Load() != 1 {
		t.Errorf("%d reads wait and %d were dropped, want 2 and 1", len(r.queue), r.dropped.Load())
	}
	r.done(<-r.queue)
	r.ask(same)
	if len(r.queue) != 2 {
		t.Error("a read that was served cannot be asked for again")
	}
}
