package codec

import (
	"math"

	"github.com/synod-log/synod/paxos"
)

const (
	helloFields         = 8
	acceptorHelloFields = 7
	heardFields         = 5

	maxBegan   = 8
	leastHeard = 33 // bytes of what was heard of an acceptor with an id of one byte
	leastUint  = 1
)

// appendHello appends [version, kind, tag, process, heard, ballot, leading, feeding,
// position, highest, acceptor].
func appendHello(to []byte, tag paxos.Tag, h *paxos.Hello) []byte {
	heard := make(tree, len(h.Heard))
	for i := range h.Heard {
		one := &h.Heard[i]
		heard[i] = tree{one.Acceptor, one.Store[:], one.Boot, one.Process[:], one.Sequence}
	}
	return appendTree(to, tree{
		uint64(Version), uint64(kindHello), tag[:],
		h.Process[:], heard, ballotTree(h.Ballot), h.Leading, h.Feeding,
		uint64(h.Position), uint64(h.Highest), acceptorHelloTree(h.Acceptor),
	})
}

// acceptorHelloTree is empty in the hellos of other roles.
func acceptorHelloTree(a *paxos.AcceptorHello) tree {
	if a == nil {
		return tree{}
	}
	began := make(tree, len(a.Began))
	for i, sequence := range a.Began {
		began[i] = sequence
	}
	founders := make(tree, len(a.Founders))
	for i, id := range a.Founders {
		founders[i] = id
	}
	return tree{
		a.Store[:], a.Boot, a.Sequence, began, founders, membershipTree(a.Membership), a.Free,
	}
}

func (p *parser) hello() *paxos.Hello {
	h := &paxos.Hello{}
	p.fixed(h.Process[:])
	h.Heard = p.heard()
	h.Ballot = p.ballotOrNone()
	h.Leading = p.bool()
	h.Feeding = p.bool()
	h.Position = p.slot()
	h.Highest = p.slot()
	if p.optional(acceptorHelloFields) {
		h.Acceptor = p.acceptorHello()
	}
	return h
}

func (p *parser) acceptorHello() *paxos.AcceptorHello {
	a := &paxos.AcceptorHello{}
	p.fixed(a.Store[:])
	a.Boot = p.uint()
	a.Sequence = p.uint()
	if count := p.list(leastUint, maxBegan); count > 0 {
		a.Began = make([]uint64, count)
		for i := 0; i < count && p.element(leastUint); i++ {
			a.Began[i] = p.uint()
		}
	}
	a.Founders = p.ids()
	if p.optional(2) {
		membership := p.membership()
		a.Membership = &membership
	}
	a.Free = p.bool()
	return a
}

func (p *parser) heard() []paxos.Heard {
	count := p.list(leastHeard, math.MaxInt)
	if count == 0 {
		return nil
	}
	heard := make([]paxos.Heard, count)
	for i := 0; i < count && p.element(leastHeard); i++ {
		one := &heard[i]
		p.tuple(heardFields)
		one.Acceptor = p.id()
		p.fixed(one.Store[:])
		one.Boot = p.uint()
		p.fixed(one.Process[:])
		one.Sequence = p.uint()
	}
	return heard
}
