package paxos

// follower learns the log by pairing the values that a leader proposes with what that leader says is
// chosen, in one ballot at a time: the highest it heard. What it cannot learn so is pulled.
//
// Invariant: learned only grows, by one slot after the other, and only with chosen values. In a ballot
// a slot is proposed with one value only, so that a value heard in the ballot in which its slot was
// counted as chosen is the chosen one.
type follower struct {
	most    int // bytes of values that wait to be chosen
	learned Slot
	ballot  Ballot
	waiting tail // values proposed in ballot, above learned
	chosen  Slot // every slot through it is, as the leader counted in ballot; 0: it counted none
}

// onAccept takes in the values proposed in ballot.
func (f *follower) onAccept(m *Accept) {
	if !f.turnTo(m.Ballot) {
		return
	}
	f.chosen = max(f.chosen, m.Chosen)
	run := m.Run.From(f.learned + 1)
	if f.waiting.bytes > 0 && f.waiting.bytes+run.Size() > f.most {
		return // pulled later
	}
	f.waiting.put(Proposal{Ballot: m.Ballot, Run: run})
}

// onChosen hears how far the log is chosen. That may overtake the values.
func (f *follower) onChosen(m *Chosen) {
	if f.turnTo(m.Ballot) {
		f.chosen = max(f.chosen, m.Through)
	}
}

// turnTo makes ballot the one that is followed, unless a higher one is. What was proposed in one ballot
// is never paired with what was counted in another.
func (f *follower) turnTo(ballot Ballot) bool {
	if ballot.Less(f.ballot) {
		return false
	}
	if f.ballot.Less(ballot) {
		f.ballot = ballot
		f.waiting = tail{}
		f.chosen = 0
	}
	return true
}

// advance returns what can now be learned, in order.
func (f *follower) advance(to []Run) []Run {
	for f.learned < f.chosen && len(f.waiting.parts) > 0 {
		run := f.waiting.parts[0].Run.Through(f.chosen)
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
}
