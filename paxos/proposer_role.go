package paxos

// Start says hello.
func (p *Proposer) Start() Effects {
	p.reset()
	p.send(Address{}, p.hello())
	return p.finish()
}

// Step implements Role.
func (p *Proposer) Step(arrived ...Message) Effects {
	p.reset()
	for i := range arrived {
		if p.hasLeft {
			break
		}
		p.take(&arrived[i])
	}
	p.follow()
	p.launch()
	p.tellChosen()
	return p.finish()
}

func (p *Proposer) take(m *Message) {
	switch body := m.Body.(type) {
	case *Propose:
		p.onPropose(body)
		return
	case *Hello:
		p.onHello(m.From, m.Tag, body)
		p.skipAhead()
		return
	}
	if !p.isOurs(m) {
		return
	}
	switch body := m.Body.(type) {
	case *Promise:
		p.onPromise(m.From, body)
	case *Accepted:
		p.onAccepted(m.From, body)
	case *Preempted:
		p.onPreempted(m.From, body)
	case *Accept:
		p.onAccept(m.From, body)
	case *Stop:
		p.onStop(m.From, body)
	case *Settled:
		p.follow()
		p.learn(p.onSettled(m.From, body), false)
		p.tryLead()
	default:
		p.dropped.Unwanted++
	}
}

// follow learns what the leader it follows has counted as chosen.
func (p *Proposer) follow() {
	p.effects.Learned = p.follower.advance(p.effects.Learned[:0])
	for _, run := range p.effects.Learned {
		p.learn(run, true)
	}
	if len(p.effects.Learned) > 0 {
		p.tryLead()
	}
	p.effects.Learned = p.effects.Learned[:0]
}

// skipAhead passes over slots too old for their ids to matter.
func (p *Proposer) skipAhead() {
	settled := p.peers.settledSince(p.now - p.timing.Absent)
	if settled > p.ids.span() {
		p.follower.learnedThrough(settled - p.ids.span())
	}
}

// launch proposes what waits, as far as the flight has room.
func (p *Proposer) launch() {
	if p.leadership == nil {
		return
	}
	for {
		run, ok := p.leadership.launch(p.now, p.timing.Resend)
		if !ok {
			return
		}
		p.propose(run)
	}
}

// Tick implements Role.
func (p *Proposer) Tick() Effects {
	p.reset()
	if p.hasLeft {
		return p.finish()
	}
	p.tick(p.hello)
	switch {
	case p.leadership != nil:
		p.tickLeading()
	case p.candidacy != nil:
		p.tickCandidate()
	default:
		p.tickStandby()
	}
	if p.leadership != nil || p.now-p.leaderAt < p.timing.Patience {
		p.led++
	}
	if p.now%10 == 0 {
		p.expire()
		p.tellWaiting()
	}
	p.launch()
	p.tellChosen()
	return p.finish()
}

func (p *Proposer) tickStandby() {
	if !p.mayCampaign() {
		return
	}
	if p.patience--; p.patience <= 0 {
		p.campaign()
	}
}

func (p *Proposer) tickCandidate() {
	c := p.candidacy
	if p.follower.learned > c.learned {
		c.learned, c.progress = p.follower.learned, p.now
	}
	if c.hasQuorum() && p.now-c.progress >= p.timing.Patience {
		p.lost++ // what is settled cannot be had from whoever promised: another ballot may do without it
		p.stop()
		return
	}
	if !c.hasQuorum() {
		if p.now-c.asked[1] >= p.timing.Heartbeat {
			p.prepare(1)
		}
		return
	}
	if p.now-c.heartbeat < p.timing.Heartbeat {
		return
	}
	p.heartbeat()
	for _, member := range p.pinning.pinned.Members {
		promise := c.promises[member.ID]
		if promise == nil {
			continue
		}
		if missing := promise.missing(c.settled()); missing != 0 && p.now-c.asked[missing] >= p.timing.Heartbeat {
			p.prepare(missing)
		}
	}
}

func (p *Proposer) tickLeading() {
	l := p.leadership
	if !l.hasQuorum(p.now - p.timing.LeaderPause) {
		p.notes.warn("leader of log " + p.log + " in ballot " + l.ballot.String() + " hears no quorum: it stops leading")
		p.stop()
		return
	}
	p.leaderAt = p.now
	l.pace.tick(l.isBusy())
	if p.isUnserved() {
		p.campaign() // recovers the slots below first, which no acceptor that is heard has settled
		return
	}
	for _, run := range l.overdue(p.now, p.timing.Patience) {
		p.propose(run)
	}
	if p.now-l.spoke >= p.timing.Heartbeat {
		p.heartbeat()
	}
}

// isUnserved reports whether for a few patiences no acceptor was heard that has settled the slots
// below those of this leadership: the one that had may have died, while the others hold them only
// accepted.
func (p *Proposer) isUnserved() bool {
	l := p.leadership
	if p.peers.settledSince(p.now-2*p.timing.Hello) >= l.first-1 {
		l.unserved = 0
		return false
	}
	if l.unserved == 0 {
		l.unserved = p.now
	}
	return p.now-l.unserved >= 4*p.timing.Patience
}

// Leave ends the proposer in order: one that leads says so, and a standby takes over at once. It
// does nothing more afterwards.
func (p *Proposer) Leave() Effects {
	p.reset()
	p.stop()
	p.hasLeft = true
	return p.finish()
}

func (p *Proposer) hello() *Hello {
	ballot := p.leader.ballot
	if p.candidacy != nil {
		ballot = p.candidacy.ballot
	}
	return &Hello{Process: p.process, Heard: p.census.heard(), Ballot: ballot,
		Leading: p.leadership != nil, Position: p.follower.learned}
}

// Status tells where the proposer is.
func (p *Proposer) Status() ProposerStatus {
	status := ProposerStatus{
		Membership: p.membership(), State: "standby", Waiting: p.pinning.waiting(), Ballot: p.leader.ballot,
		Learned: p.follower.learned, Held: p.held.count, HeldBytes: p.held.bytes,
		Overloaded: p.overloaded, Heard: p.peers.lastHeard(p.now), Dropped: p.dropped,
	}
	switch {
	case p.leadership != nil:
		status.State, status.Chosen, status.InFlight = "leading", p.leadership.chosen, p.leadership.values()
		status.Wait, status.Retry = p.leadership.wait(), p.leadership.retry()
		status.Full = p.held.bytes >= p.limits.Held || !p.leadership.hasRoom(p.mostWait())
	case p.candidacy != nil:
		status.State, status.Ballot = "candidate", p.candidacy.ballot
		if !p.candidacy.hasQuorum() {
			status.Waiting = "waiting for a quorum of acceptors to promise ballot " + p.candidacy.ballot.String()
		}
	case !p.mayCampaign():
		status.State = "starting"
	}
	return status
}
