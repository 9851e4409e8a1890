package codec

import (
	"math"

	"github.com/synod-log/synod/paxos"
)

const (
	leastBallot   = 14                               // bytes of a ballot with an id of one byte
	leastProposal = 1 + leastBallot + 2 + leastValue // bytes of a proposal of one no-op
	leastMember   = 21                               // bytes of a member with an id of one byte
	leastID       = 2
)

// appendBallot appends [round, proposer, start], and [] for the zero ballot.
func appendBallot(to []byte, b paxos.Ballot) []byte {
	if b.IsZero() {
		return appendArray(to, 0)
	}
	to = appendArray(to, 3)
	to = appendUint(to, b.Round)
	to = appendText(to, b.Proposer)
	return appendBin(to, b.Start[:])
}

// ballot takes a ballot that belongs to somebody.
func (p *parser) ballot() paxos.Ballot {
	b := p.ballotOrNone()
	if b.IsZero() {
		p.fail(ReasonLength)
	}
	return b
}

func (p *parser) ballotOrNone() (b paxos.Ballot) {
	if !p.optional(3) {
		return b
	}
	b.Round = p.uint()
	b.Proposer = p.id()
	p.fixed(b.Start[:])
	return b
}

func (p *parser) slot() paxos.Slot { return paxos.Slot(p.uint()) }

// firstSlot takes a slot that is none before the first.
func (p *parser) firstSlot() paxos.Slot {
	slot := p.slot()
	if slot == 0 {
		p.fail(ReasonRange)
	}
	return slot
}

// appendSpan appends two fields: first and last slot, both 0 for every empty span.
func appendSpan(to []byte, s paxos.Span) []byte {
	if s.IsEmpty() {
		s = paxos.Span{}
	}
	return appendUint(appendUint(to, s.First), s.Last)
}

func (p *parser) span() paxos.Span {
	s := paxos.Span{First: p.slot(), Last: p.slot()}
	if s.IsEmpty() && s != (paxos.Span{}) {
		p.fail(ReasonRange)
	}
	return s
}

// appendProposal appends [ballot, first, values].
func appendProposal(to []byte, proposal *paxos.Proposal) []byte {
	to = appendArray(to, 3)
	to = appendBallot(to, proposal.Ballot)
	return appendRun(to, proposal.Run)
}

func (p *parser) proposal() paxos.Proposal {
	p.tuple(3)
	return paxos.Proposal{Ballot: p.ballot(), Run: p.fullRun()}
}

func (p *parser) proposals() []paxos.Proposal {
	count := p.list(leastProposal, math.MaxInt)
	if count == 0 {
		return nil
	}
	proposals := make([]paxos.Proposal, count)
	for i := 0; i < count && p.element(leastProposal); i++ {
		proposals[i] = p.proposal()
	}
	return proposals
}

// membership takes [epoch, members] after its head: 1 to MaxMembers members, sorted by id, none twice.
func (p *parser) membership() paxos.Membership {
	m := paxos.Membership{Epoch: p.uint()}
	count := p.list(leastMember, paxos.MaxMembers)
	if count == 0 {
		p.fail(ReasonLength)
		return paxos.Membership{}
	}
	m.Members = make([]paxos.Member, count)
	for i := 0; i < count && p.element(leastMember); i++ {
		p.tuple(2)
		m.Members[i].ID = p.id()
		p.fixed(m.Members[i].Store[:])
		if i > 0 && m.Members[i].ID <= m.Members[i-1].ID {
			p.fail(ReasonOrder)
		}
	}
	return m
}

// ids takes at most MaxMembers ids, in any order.
func (p *parser) ids() []string {
	count := p.list(leastID, paxos.MaxMembers)
	if count == 0 {
		return nil
	}
	ids := make([]string, count)
	for i := 0; i < count && p.element(leastID); i++ {
		ids[i] = p.id()
	}
	return ids
}
