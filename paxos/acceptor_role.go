package paxos

// Restore takes in one of the records that the acceptor's store holds. All are restored, in order,
// before Start.
func (a *Acceptor) Restore(record Record) {
	a.effects.sequence++
	switch r := record.(type) {
	case *BootRecord:
		a.identity.beginBoot(r.Boot, r.Began)
	case *AdoptedRecord:
		a.identity.adopt(r.Membership)
	case *FreeRecord:
		a.identity.free = true
	case *PromisedRecord:
		a.promised = r.Ballot
	case *AcceptedRecord:
		a.promised = r.Proposal.Ballot
		a.tail.put(Proposal{Ballot: r.Proposal.Ballot, Run: r.Proposal.Run.From(a.settled + 1)})
	case *SettledRecord:
		a.restoreSettled(r.Through)
	case *RepairedRecord:
		a.restoreSettled(r.Run.Last())
	}
}

func (a *Acceptor) restoreSettled(through Slot) {
	a.settled, a.saved = through, through
	a.tail.forget(through)
}

// Start begins a boot, when all records are restored. Its effects are carried out before the
// acceptor is handed anything.
func (a *Acceptor) Start() Effects {
	a.effects.reset()
	if refusal := a.identity.otherMembers(); refusal != "" {
		return a.refuse(refusal)
	}
	boot, began := a.identity.boot+1, a.effects.sequence
	a.identity.beginBoot(boot, began)
	a.effects.save(&BootRecord{Boot: boot, Began: began})
	a.effects.tag = a.identity.tag
	a.hello()
	return a.finish()
}

// Step implements Role.
func (a *Acceptor) Step(arrived ...Message) Effects {
	a.effects.reset()
	for i := range arrived {
		if a.identity.stopped {
			break
		}
		a.take(&arrived[i])
	}
	return a.finish()
}

// take hands one message to the rule for its kind. One of another membership has no effect at all.
func (a *Acceptor) take(m *Message) {
	if hello, ok := m.Body.(*Hello); ok {
		a.onHello(m.From, m.Tag, hello)
		return
	}
	if m.Tag.IsZero() || m.Tag != a.identity.tag {
		a.dropped.Tag++
		return
	}
	switch body := m.Body.(type) {
	case *Prepare:
		a.onPrepare(m.From, body)
	case *Accept:
		a.onAccept(m.From, body)
	case *Stop:
		a.onStop(m.From, body)
	case *Pull:
		a.onPull(m.From, body)
	case *Settled:
		a.onSettled(m.From, body)
	default:
		a.dropped.Unwanted++
	}
}

// onHello learns of the other acceptors, and of this one's own store from those that heard it.
func (a *Acceptor) onHello(from Address, tag Tag, h *Hello) {
	if h.Process == a.identity.process {
		return
	}
	isOurs := !tag.IsZero() && tag == a.identity.tag
	a.effects.greet(from, h.Process)
	if from.Role == RoleAcceptor && h.Acceptor != nil {
		if from.ID == a.identity.self {
			a.onOwnHello(h)
			return
		}
		a.notes.warnOf(a.identity.founding.hello(from.ID, h.Acceptor))
		a.notes.warn(a.identity.census.hello(from.ID, h.Process, h.Acceptor))
		if isOurs && a.identity.hasMember(from) {
			a.identity.peers.hear(from.ID, h.Position, a.now)
			a.repair.hint(h.Position)
		}
	}
	if !isOurs || !a.identity.hasMember(from) && from.Role != RoleProposer {
		return // a stranger's acceptor or learner must not stop this one
	}
	for _, heard := range h.Heard {
		if heard.Acceptor == a.identity.self && heard.Store == a.identity.store {
			a.stop(a.identity.doubts(heard.Boot, heard.Process, heard.Sequence))
		}
	}
}

// onOwnHello hears another process say hello with this acceptor's id.
func (a *Acceptor) onOwnHello(h *Hello) {
	if h.Acceptor.Store != a.identity.store {
		a.notes.warnOf("another process runs as acceptor " + a.identity.self + " with store " +
			h.Acceptor.Store.String() + ", this one has store " + a.identity.store.String() + ": stop one of them")
		return
	}
	a.stop(a.identity.doubts(h.Acceptor.Boot, h.Process, h.Acceptor.Sequence))
}

// onReached learns what a leader has heard of this acceptor's store, and of the others'.
func (a *Acceptor) onReached(all []Reached) {
	a.identity.census.told(all)
	for i, member := range a.identity.adopted.Members {
		if member.ID == a.identity.self && i < len(all) && all[i].Boot != 0 {
			a.stop(a.identity.doubts(all[i].Boot, Nonce{}, all[i].Sequence))
		}
	}
}

// stop ends this acceptor for the reason given; not where there is none.
func (a *Acceptor) stop(reason string) {
	if reason != "" && !a.identity.stopped {
		a.identity.stopped = true
		a.notes.fail(reason)
	}
}

func (a *Acceptor) refuse(reason string) Effects {
	a.stop(reason)
	return a.finish()
}

// Tick implements Role.
func (a *Acceptor) Tick() Effects {
	a.effects.reset()
	if a.identity.stopped {
		return a.finish()
	}
	a.now++
	a.notes.tick(a.now)
	a.found()
	if refusal := a.identity.refusal(); refusal != "" {
		return a.refuse(refusal)
	}
	if a.identity.isVoting() && a.repair.tick(a.settled) {
		heard := a.identity.peers.since(a.now - a.timing.Absent)
		if from, ok := a.repair.choose(a.settled, heard, a.identity.self); ok {
			a.pull(from)
		}
	}
	if a.effects.isHelloDue() {
		a.hello()
	}
	return a.finish()
}

// found takes the steps of founding that are due.
func (a *Acceptor) found() {
	id := &a.identity
	if m := id.founding.tick(); m != nil {
		a.effects.save(&AdoptedRecord{Membership: *m})
		id.adopt(*m)
		a.effects.tag = id.tag
		a.effects.helloSoon()
	}
	if id.mayBecomeFree() {
		a.effects.save(&FreeRecord{})
		id.free = true
		a.effects.helloSoon()
		a.notes.say("log " + id.log + " is founded: acceptors " + id.adopted.String())
	}
	if !id.voting && id.mayVote() {
		id.voting = true
	}
	if !id.voting && id.age >= id.listen {
		a.notes.say(id.waiting())
	}
}

func (a *Acceptor) hello() {
	a.saveSettled() // the hello tells it
	a.effects.send(Address{}, &Hello{
		Process: a.identity.process, Heard: a.identity.census.heard(), Ballot: a.promised,
		Position: a.settled, Highest: a.highest(),
		Acceptor: a.identity.hello(a.effects.sequence),
	})
}

func (a *Acceptor) finish() Effects {
	a.effects.sendVotes(a.identity.boot)
	a.effects.Notices = a.notes.take()
	return a.effects.Effects
}

// Status tells where the acceptor is.
func (a *Acceptor) Status() AcceptorStatus {
	status := AcceptorStatus{
		Voting: a.identity.isVoting(), Waiting: a.identity.waiting(),
		Promised: a.promised, Settled: a.settled, Highest: a.highest(),
		Boot: a.identity.boot, Sequence: a.effects.sequence, TailBytes: a.tail.bytes,
		Heard: a.identity.peers.lastHeard(a.now), Dropped: a.dropped,
	}
	if a.identity.adopted != nil {
		status.Membership = *a.identity.adopted
	}
	return status
}

// acceptorEffects gathers what an acceptor wants done.
type acceptorEffects struct {
	Effects
	greeter  greeter
	self     Address
	tag      Tag
	sequence uint64 // of the last record, saved ones included
	pending  []Accepted
}

func (e *acceptorEffects) reset() {
	e.Save, e.Send, e.Read = e.Save[:0], e.Send[:0], e.Read[:0]
	e.pending = e.pending[:0]
}

func (e *acceptorEffects) save(record Record) {
	e.Save = append(e.Save, record)
	e.sequence++
}

func (e *acceptorEffects) send(to Address, body Body) {
	e.Send = append(e.Send, Message{From: e.self, To: to, Tag: e.tag, Body: body})
}

// vote answers an accept at the end of this step. A vote that names all the slots of the one before
// it takes its place, so that what arrives together is answered by one vote.
func (e *acceptorEffects) vote(ballot Ballot, span Span) {
	if n := len(e.pending); n > 0 && e.pending[n-1].Ballot == ballot && span.Covers(e.pending[n-1].Span) {
		e.pending[n-1].Span = span
		return
	}
	e.pending = append(e.pending, Accepted{Ballot: ballot, Span: span})
}

func (e *acceptorEffects) sendVotes(boot uint64) {
	for _, vote := range e.pending {
		vote.Boot, vote.Sequence = boot, e.sequence
		e.send(Address{Role: RoleProposer, ID: vote.Ballot.Proposer}, &vote)
	}
}

func (e *acceptorEffects) greet(from Address, process Nonce) { e.greeter.hear(from, process) }
func (e *acceptorEffects) helloSoon()                        { e.greeter.soon() }
func (e *acceptorEffects) isHelloDue() bool                  { return e.greeter.tick() }
