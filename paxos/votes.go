package paxos

// votes is what an acceptor has accepted in the last ballot it accepted in, since its process
// started. What was accepted before the start is voted for again when it is proposed again.
type votes struct {
	ballot Ballot
	spans  spanSet
}

// add notes that span is accepted in ballot, and returns the whole contiguous span that a vote may
// name.
func (v *votes) add(ballot Ballot, span Span) Span {
	if v.ballot != ballot {
		*v = votes{ballot: ballot}
	}
	v.spans.add(span)
	return v.spans.around(span.First)
}

// highest is the span that answers a heartbeat in ballot.
func (v *votes) highest(ballot Ballot) Span {
	if v.ballot != ballot {
		return Span{}
	}
	return v.spans.highest()
}

// covers reports whether all of span was accepted in ballot.
func (v *votes) covers(ballot Ballot, span Span) bool {
	return v.ballot == ballot && v.spans.covers(span)
}

// forget drops the spans that nobody needs a vote for: those at slot and below, but not the
// highest.
func (v *votes) forget(ballot Ballot, slot Slot) {
	if highest := v.spans.highest(); v.ballot == ballot && !highest.IsEmpty() {
		v.spans.forget(min(slot, highest.Last-1))
	}
}

// leader is the proposer that a worker follows, and when it was last heard. The zero leader is
// nobody.
type leader struct {
	ballot  Ballot
	heard   int
	hasLeft bool // it said that it stops; what it said before may come after
}

// hear notes that the leader of ballot was heard, unless it has left.
func (l *leader) hear(ballot Ballot, now int) {
	*l = leader{ballot: ballot, heard: now, hasLeft: l.hasLeft && l.ballot == ballot}
}

// isHeardBeside reports whether another proposer than this one was heard as leader at tick since or
// later.
func (l leader) isHeardBeside(proposer string, since int) bool {
	return !l.ballot.IsZero() && !l.hasLeft && l.ballot.Proposer != proposer && l.heard >= since
}
