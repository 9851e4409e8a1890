package paxos

// follower learns the log by pairing the values of a leader's accepts with the acceptors' votes, of
// one ballot at a time: the highest it heard proposed or voted in. What it cannot learn so is
// pulled.
//
// Invariant: learned only grows, by one slot after the other, and only with chosen values.
type follower struct {
	membership Membership
	most       int // bytes of values that wait for votes
	learned    Slot
	ballot     Ballot
	waiting    tail // values proposed in ballot, above learned
	tally      tally
}

// onAccept takes in the values proposed in ballot.
func (f *follower) onAccept(ballot Ballot, run Run) {
	if !f.turnTo(ballot) {
		return
	}
	run = run.From(f.learned + 1)
	if f.waiting.bytes > 0 && f.waiting.bytes+run.Size() > f.most {
		return // pulled later
	}
	f.waiting.put(Proposal{Ballot: ballot, Run: run})
}

// onAccepted takes in a vote. Votes may overtake the values they are for.
func (f *follower) onAccepted(acceptor string, m *Accepted) {
	if f.turnTo(m.Ballot) {
		f.tally.add(acceptor, m.Span)
	}
}

// turnTo makes ballot the one that is followed, unless a higher one is; votes of another are not
// counted with it.
func (f *follower) turnTo(ballot Ballot) bool {
	if ballot.Less(f.ballot) {
		return false
	}
	if f.ballot.Less(ballot) {
		f.ballot = ballot
		f.waiting = tail{}
		f.tally = newTally(f.membership)
	}
	return true
}

// advance returns what can now be learned, in order: each value that a quorum voted for in its
// ballot.
func (f *follower) advance(to []Run) []Run {
	chosen := f.tally.chosenFrom(f.learned + 1)
	for f.learned < chosen && len(f.waiting.parts) > 0 {
		run := f.waiting.parts[0].Run.Through(chosen)
		if run.IsEmpty() || run.First != f.learned+1 {
			break // the value is not here yet
		}
		to = append(to, run)
		f.learnedThrough(run.Last())
	}
	return to
}

// onSettled takes in chosen values that were pulled, and returns the part that is new.
func (f *follower) onSettled(run Run) Run {
	run = run.From(f.learned + 1)
	if run.IsEmpty() || run.First != f.learned+1 {
		return Run{}
	}
	f.learnedThrough(run.Last())
	return run
}

// learnedThrough moves learned, not down.
func (f *follower) learnedThrough(slot Slot) {
	if slot <= f.learned {
		return
	}
	f.learned = slot
	f.waiting.forget(slot)
	f.tally.forget(slot)
}
