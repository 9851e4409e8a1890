package paxos

// candidacy is a proposer's phase 1 in one ballot: it counts promises of exactly this ballot, one
// per acceptor, and gathers what the promising acceptors have accepted, page by page [PMS §2.2].
type candidacy struct {
	ballot    Ballot
	quorum    int
	promises  map[string]*promised
	asked     map[Slot]int // tick at which the page from this slot on was asked for
	progress  int          // tick of the last new page or learned slot
	learned   Slot         // at that tick
	heartbeat int          // tick of the last heartbeat
}

// promised is what one acceptor promised and told.
type promised struct {
	settled   Slot
	covered   spanSet
	proposals []Proposal
}

func newCandidacy(ballot Ballot, m Membership, now int) *candidacy {
	return &candidacy{ballot: ballot, quorum: m.Quorum(), promises: map[string]*promised{},
		asked: map[Slot]int{}, progress: now}
}

// add takes in a page of a promise, and reports whether it told something new.
func (c *candidacy) add(acceptor string, m *Promise) bool {
	p := c.promises[acceptor]
	if p == nil {
		p = &promised{}
		c.promises[acceptor] = p
	}
	span := Span{First: m.First, Last: m.Last}
	if m.Last == 0 {
		span.Last = MaxSlot
	}
	if p.covered.covers(span) && m.Settled <= p.settled {
		return false
	}
	p.settled = max(p.settled, m.Settled)
	p.covered.add(span)
	p.proposals = append(p.proposals, m.Proposals...)
	return true
}

// hasQuorum reports whether a quorum promised.
func (c *candidacy) hasQuorum() bool { return len(c.promises) >= c.quorum }

// settled is S: the highest slot that a promise says is settled.
func (c *candidacy) settled() Slot {
	highest := Slot(0)
	for _, p := range c.promises {
		highest = max(highest, p.settled)
	}
	return highest
}

// missing returns the first slot above settled that this promise does not cover yet; 0 where it
// covers all.
func (p *promised) missing(settled Slot) Slot {
	end := p.covered.around(settled + 1).Last
	switch {
	case end == MaxSlot:
		return 0
	case end == 0:
		return settled + 1
	}
	return end + 1
}

// complete returns the promises that cover every slot above settled.
func (c *candidacy) complete(settled Slot) []*promised {
	var complete []*promised
	for _, p := range c.promises {
		if p.missing(settled) == 0 {
			complete = append(complete, p)
		}
	}
	return complete
}

// isComplete reports whether a quorum's promises are complete.
func (c *candidacy) isComplete() bool { return len(c.complete(c.settled())) >= c.quorum }

// recovered returns what must be proposed from settled + 1 on, before anything new: for each slot
// the value of the highest ballot among the complete promises [PMS P2c], and a no-op where there is
// none below the last. ids tells which client ids are settled.
func (c *candidacy) recovered(ids *idWindow) Run {
	settled := c.settled()
	tail := newRecovery(c.complete(settled), settled)
	run := Run{First: settled + 1}
	for slot := settled + 1; slot <= tail.last; slot++ {
		value := Noop()
		if found, ok := tail.best[slot]; ok && !tail.isElsewhere(slot, settled, ids) {
			value = found.value
		}
		run.Values = append(run.Values, value)
	}
	return run
}

// recovery is what promises tell of the slots above settled.
type recovery struct {
	best map[Slot]accepted
	ids  map[ID][]Slot // where a client's id stands
	last Slot
}

// accepted is the value of one slot, and the ballot it was accepted in.
type accepted struct {
	ballot Ballot
	value  Value
}

func newRecovery(promises []*promised, settled Slot) recovery {
	r := recovery{best: map[Slot]accepted{}, ids: map[ID][]Slot{}, last: settled}
	for _, p := range promises {
		for _, proposal := range p.proposals {
			run := proposal.Run.From(settled + 1)
			for i, value := range run.Values {
				slot := run.First + Slot(i)
				if have, ok := r.best[slot]; !ok || have.ballot.Less(proposal.Ballot) {
					r.best[slot] = accepted{ballot: proposal.Ballot, value: value}
				}
				r.last = max(r.last, slot)
			}
		}
	}
	for slot, found := range r.best {
		if found.value.ID.Kind == IDClient {
			r.ids[found.value.ID] = append(r.ids[found.value.ID], slot)
		}
	}
	return r
}

// isElsewhere reports whether the client's id at slot is settled below it within the window, or
// stands in a higher ballot at another slot within the window. Ballots that died may have left it
// in two slots, and both would be chosen. Leaving this one out is safe: whoever proposed the id at
// the other slot, in the higher ballot, had recovered this one, had it been chosen. The window is
// measured from the slot itself, as leaders do when they place a value; measured otherwise, a
// chosen value would be replaced.
func (r *recovery) isElsewhere(slot, settled Slot, ids *idWindow) bool {
	here := r.best[slot]
	if here.value.ID.Kind != IDClient {
		return false
	}
	if _, ok := ids.settledBelow(slot, here.value.ID, settled); ok {
		return true
	}
	for _, other := range r.ids[here.value.ID] {
		distance := max(slot, other) - min(slot, other)
		if here.ballot.Less(r.best[other].ballot) && distance <= ids.size {
			return true
		}
	}
	return false
}
