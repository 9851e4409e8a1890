package paxos

// Acceptor is the memory of Paxos. It promises not to accept below a ballot, accepts what is
// proposed in that ballot or above, and tells a new leader all it has accepted.
//
// Invariants, across restarts; everyone else relies on them:
//   - promised never falls, and nothing is accepted below it;
//   - in one ballot, at most one value is accepted in a slot;
//   - what it settled is chosen, and is never recorded again;
//   - no message leaves before the records that justify it are durable (Effects says how).
type Acceptor struct {
	limits Limits
	timing Timing
	now    int

	promised Ballot
	tail     tail // what it accepted above settled
	settled  Slot // every slot to here is chosen, and its value recorded
	saved    Slot // settled, as the records have it

	votes  votes  // since the start, in the last ballot accepted in
	leader leader // the one it follows
	repair puller // of chosen values it missed

	identity identity
	effects  acceptorEffects
	dropped  Dropped
	notes    noter
}

// NewAcceptor returns an acceptor that remembers nothing. Restore gives it its records; then Start
// begins.
func NewAcceptor(o AcceptorOptions) *Acceptor {
	timing := o.Timing.orDefault()
	return &Acceptor{
		limits:   o.Limits.orDefault(),
		timing:   timing,
		repair:   puller{patience: timing.Pull},
		identity: newIdentity(o, timing),
		effects: acceptorEffects{
			self: Address{Role: RoleAcceptor, ID: o.ID}, greeter: newGreeter(timing.Hello),
		},
	}
}

// onPrepare answers a candidate: promise the ballot, and tell what was accepted below it [PMS P1a].
func (a *Acceptor) onPrepare(from Address, m *Prepare) {
	if !a.admits(from, m.Ballot) {
		return
	}
	if m.Ballot.Less(a.promised) {
		a.preempt(from, m.Ballot)
		return
	}
	if a.promised.Less(m.Ballot) {
		if a.leader.isHeardBeside(m.Ballot.Proposer, a.now-a.timing.LeastPatience) {
			return // a leader works; one who does not hear it must not disturb it
		}
		a.promise(m.Ballot)
		a.leader = leader{}
	}
	a.saveSettled() // the promise tells it
	first := max(m.First, a.settled+1)
	proposals, last := a.tail.page(first, a.limits.Page)
	a.effects.send(from, &Promise{
		Ballot: m.Ballot, Boot: a.identity.boot, Sequence: a.effects.sequence,
		Settled: a.settled, First: first, Last: last, Proposals: proposals,
	})
}

// onAccept accepts a leader's run, unless a higher ballot was promised [PMS P1b], and votes for it.
func (a *Acceptor) onAccept(from Address, m *Accept) {
	if !a.admits(from, m.Ballot) {
		return
	}
	if a.onReached(m.Reached); a.identity.stopped {
		return
	}
	if m.Ballot.Less(a.promised) {
		a.preempt(from, m.Ballot)
		return
	}
	a.repair.hint(m.Chosen)
	a.leader.hear(m.Ballot, a.now)
	if m.Run.IsEmpty() {
		a.effects.vote(m.Ballot, a.votes.highest(m.Ballot))
	} else if span := a.accept(m.Ballot, m.Run); !span.IsEmpty() {
		a.effects.vote(m.Ballot, a.votes.add(m.Ballot, span))
	}
	a.settle(m.Ballot, m.Chosen)
}

// accept records run in ballot, which is not below the promise, and returns the slots to vote for.
// Slots it has settled it votes for like any other, but does not record again.
func (a *Acceptor) accept(ballot Ballot, run Run) Span {
	run = a.fitting(run)
	fresh := run.From(a.settled + 1)
	if !a.isSame(ballot, fresh) {
		return Span{}
	}
	if len(fresh.Values) < len(run.Values) && !a.votes.covers(ballot, run.Through(a.settled).Span()) {
		a.saveSettled() // all that the vote rests on, for the slots that are not recorded in this ballot
	}
	switch {
	case run.IsEmpty():
	case fresh.IsEmpty():
		if a.promised.Less(ballot) {
			a.promise(ballot)
		}
	case a.tail.heldIn(ballot, fresh.First, fresh.Last()) < fresh.Last():
		proposal := Proposal{Ballot: ballot, Run: fresh}
		a.saveSettled()
		a.effects.save(&AcceptedRecord{Proposal: proposal})
		a.promised = ballot // accepting is promising: a lower ballot must not be accepted after it
		a.tail.put(proposal)
	}
	return run.Span()
}

// fitting returns the part of run that the tail has room for. What fills a hole always has: two
// acceptors with full tails and different holes would otherwise wait for each other for ever.
func (a *Acceptor) fitting(run Run) Run {
	beyond := run.From(a.highest() + 1)
	if beyond.IsEmpty() || a.tail.bytes == 0 || a.tail.bytes+beyond.Size() <= a.limits.Tail {
		return run
	}
	return run.Through(a.highest())
}

// highest is the highest slot that was accepted or settled.
func (a *Acceptor) highest() Slot { return max(a.settled, a.tail.highest()) }

// isSame reports whether run repeats what was accepted in the same ballot, where anything was. A
// proposer never proposes two values for a slot in one ballot; if one did, the second is not
// accepted.
func (a *Acceptor) isSame(ballot Ballot, run Run) bool {
	for i := range run.Values {
		slot := run.First + Slot(i)
		accepted, value, ok := a.tail.at(slot)
		if ok && accepted == ballot && !value.Equal(run.Values[i]) {
			a.dropped.Malformed++
			a.notes.warn("proposer " + ballot.Proposer + " proposed two values for one slot in ballot " +
				ballot.String() + ": the second is refused; check that no two proposers share this id")
			return false
		}
		if slot > a.tail.highest() {
			break
		}
	}
	return true
}

// promise records ballot as the one below which nothing is promised or accepted any more. Standbys learn
// from its hello which round to exceed.
func (a *Acceptor) promise(ballot Ballot) {
	a.effects.helloSoon()
	a.effects.save(&PromisedRecord{Ballot: ballot})
	a.promised = ballot
}

// preempt tells a proposer which ballot to exceed.
func (a *Acceptor) preempt(to Address, ballot Ballot) {
	a.effects.send(to, &Preempted{Ballot: ballot, By: a.promised})
}

// settle moves settled over the slots up to chosen that were accepted in the same ballot as chosen
// was counted in: then, and only then, what was accepted is what was chosen.
func (a *Acceptor) settle(ballot Ballot, chosen Slot) {
	a.settled = a.tail.heldIn(ballot, a.settled+1, chosen)
	a.tail.forget(a.settled)
	a.votes.forget(ballot, min(chosen, a.settled))
}

// onStop hears a leader leave, so that a standby need not wait to be heard.
func (a *Acceptor) onStop(from Address, m *Stop) {
	if m.Ballot.Proposer == from.ID && a.leader.ballot == m.Ballot {
		a.leader.hasLeft = true
	}
}

// onPull has the settled values that are asked for read from the store.
func (a *Acceptor) onPull(from Address, m *Pull) {
	a.saveSettled() // the store serves what its records say is settled
	a.effects.Read = append(a.effects.Read,
		Read{To: from, First: max(m.First, 1), Through: a.settled, IDsOnly: m.IDsOnly})
}

// onSettled records chosen values that this acceptor missed.
func (a *Acceptor) onSettled(from Address, m *Settled) {
	if !a.identity.hasMember(from) {
		a.dropped.Sender++
		return
	}
	a.identity.peers.hear(from.ID, m.Through, a.now)
	a.repair.hint(m.Through)
	run := m.Run.From(a.settled + 1)
	if m.IDsOnly || !a.identity.isVoting() || run.IsEmpty() || run.First != a.settled+1 {
		return
	}
	a.saveSettled()
	a.effects.save(&RepairedRecord{Run: run})
	a.settled, a.saved = run.Last(), run.Last()
	a.tail.forget(a.settled)
	if a.settled < a.repair.target {
		a.pull(from.ID)
	}
}

func (a *Acceptor) pull(from string) {
	a.effects.send(Address{Role: RoleAcceptor, ID: from}, &Pull{First: a.settled + 1})
}

// saveSettled records settled. Losing it costs nothing but a longer tail, so it goes along with
// what is saved anyway, and alone only where what is sent rests on it.
func (a *Acceptor) saveSettled() {
	if a.saved < a.settled {
		a.effects.save(&SettledRecord{Through: a.settled})
		a.saved = a.settled
	}
}

// admits reports whether a proposer's message in ballot may be heeded.
func (a *Acceptor) admits(from Address, ballot Ballot) bool {
	switch {
	case from.Role != RoleProposer || ballot.Proposer != from.ID:
		a.dropped.Sender++
	case ballot.Round > a.promised.Round+MaxRoundLeap:
		a.dropped.Round++
	default:
		return a.identity.isVoting()
	}
	return false
}
