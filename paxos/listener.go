package paxos

// listener is what proposers and learners have in common: they are told nothing, find the
// membership from hellos, follow the log, and pull what they missed.
type listener struct {
	self     Address
	process  Nonce
	timing   Timing
	now      int
	pinning  pinning
	census   census
	peers    peers
	follower follower
	puller   puller
	leader   leader // the one it follows
	round    uint64 // highest that members told of
	greeter  greeter
	idsOnly  bool // what it pulls
	effects  Effects
	notes    noter
	dropped  Dropped
}

func newListener(self Address, log string, process Nonce, timing Timing, most int) listener {
	return listener{
		self: self, process: process, timing: timing,
		pinning:  newPinning(log),
		follower: follower{most: most},
		puller:   puller{patience: timing.Pull},
		greeter:  newGreeter(timing.Hello),
	}
}

func (l *listener) reset() {
	e := &l.effects
	e.Send, e.Learned, e.Outcomes, e.Feed = e.Send[:0], e.Learned[:0], e.Outcomes[:0], Span{}
}

func (l *listener) finish() Effects {
	l.effects.Notices = l.notes.take()
	return l.effects
}

func (l *listener) send(to Address, body Body) {
	l.effects.Send = append(l.effects.Send, Message{From: l.self, To: to, Tag: l.pinning.tag, Body: body})
}

// isOurs reports whether m was sent in the membership that is pinned.
func (l *listener) isOurs(m *Message) bool {
	if l.pinning.pinned == nil || m.Tag != l.pinning.tag {
		l.dropped.Tag++
		return false
	}
	return true
}

// onHello learns of acceptors. It reports whether a membership was pinned just now.
func (l *listener) onHello(from Address, tag Tag, h *Hello) bool {
	if h.Process == l.process {
		return false
	}
	l.greeter.hear(from, h.Process)
	if from.Role != RoleAcceptor || h.Acceptor == nil {
		return false
	}
	pinnedNow, warning := l.pinning.hello(from.ID, h.Process, h.Acceptor)
	l.notes.warnOf(warning)
	if pinnedNow {
		l.pin()
	} else if l.pinning.pinned != nil {
		l.notes.warn(l.census.hello(from.ID, h.Process, h.Acceptor))
	}
	if l.pinning.pinned != nil && tag == l.pinning.tag && l.isMember(from) {
		l.peers.hear(from.ID, h.Position, l.now)
		l.puller.hint(h.Position)
		l.hearRound(h.Ballot.Round)
	}
	return pinnedNow
}

// pin begins to act in the membership that was pinned.
func (l *listener) pin() {
	m := *l.pinning.pinned
	l.census, l.peers = newCensus(m), newPeers(m)
	for id, said := range l.pinning.hellos {
		l.notes.warn(l.census.hello(id, said.process, said.hello))
	}
	l.greeter.soon()
}

// isMember reports whether from is an acceptor of the membership that is pinned.
func (l *listener) isMember(from Address) bool {
	if l.pinning.pinned == nil || from.Role != RoleAcceptor {
		return false
	}
	_, ok := l.pinning.pinned.Member(from.ID)
	return ok
}

// hearRound notes a round that a member told of, which is above by no more than acceptors allow.
func (l *listener) hearRound(round uint64) {
	l.round = max(l.round, min(round, l.round+MaxRoundLeap))
}

// heeds reports whether what is said in a ballot may be heeded: the sender owns it, and its round is
// not absurd. One damaged number would otherwise make this worker deaf to all leaders to come.
func (l *listener) heeds(from Address, ballot Ballot) bool {
	switch {
	case from.Role != RoleProposer || ballot.Proposer != from.ID:
		l.dropped.Sender++
	case ballot.Round > l.round+MaxRoundLeap:
		l.dropped.Round++
	default:
		return true
	}
	return false
}

// counts reports whether a promise or vote may be counted.
func (l *listener) counts(from Address, boot, sequence uint64) bool {
	if from.Role != RoleAcceptor || !l.census.counts(from.ID, boot, sequence) {
		l.dropped.Boot++
		return false
	}
	l.peers.hear(from.ID, 0, l.now) // it is there, though it does not say where it is
	return true
}

// onSettled takes in pulled values, and asks for the next page where there is more.
func (l *listener) onSettled(from Address, m *Settled) Run {
	if !l.isMember(from) {
		l.dropped.Sender++
		return Run{}
	}
	l.peers.hear(from.ID, m.Through, l.now)
	l.puller.hint(m.Through)
	if m.IDsOnly && !l.idsOnly {
		return Run{}
	}
	run := l.follower.onSettled(m.Run)
	if !run.IsEmpty() && l.follower.learned < l.puller.target {
		l.pull(from.ID)
	}
	return run
}

func (l *listener) pull(from string) {
	l.send(Address{Role: RoleAcceptor, ID: from}, &Pull{First: l.follower.learned + 1, IDsOnly: l.idsOnly})
}

// tick pulls what is missing and says hello, when it is time.
func (l *listener) tick(hello func() *Hello) {
	l.now++
	l.notes.tick(l.now)
	if l.puller.tick(l.follower.learned) {
		if from, ok := l.puller.choose(l.follower.learned, l.peers.since(l.now-l.timing.Absent), ""); ok {
			l.pull(from)
		}
	}
	if l.greeter.tick() {
		l.send(Address{}, hello())
	}
}

// membership is the one pinned, or one without members.
func (l *listener) membership() Membership {
	if l.pinning.pinned == nil {
		return Membership{}
	}
	return *l.pinning.pinned
}
