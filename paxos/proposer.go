package paxos

// Proposer has values chosen. It needs no disk: of the proposers of a log one leads, and the others
// are standbys, which follow the log and hold the proposals they hear, so that whoever leads next
// loses none.
//
// A proposer is a standby, a candidate (phase 1) or leading (phase 2). What belongs to a ballot is
// one value, candidacy or leadership, replaced whole.
type Proposer struct {
	listener
	limits Limits
	log    string

	candidacy  *candidacy
	leadership *leadership

	lost     int    // ballots lost in a row
	patience int    // ticks left until this standby campaigns
	draws    uint64 // jitter drawn so far
	led      int    // ticks in which there was a leader
	leaderAt int    // tick at which there last was a leader
	hasLeft  bool

	ids  idWindow
	held held

	overloaded uint64 // proposals refused or dropped since the queue was full
}

// NewProposer returns a proposer. Start begins.
func NewProposer(o ProposerOptions) *Proposer {
	limits, timing := o.Limits.orDefault(), o.Timing.orDefault()
	self := Address{Role: RoleProposer, ID: o.ID}
	p := &Proposer{
		listener: newListener(self, o.Log, o.Process, timing, limits.Tail),
		limits:   limits, log: o.Log, ids: newIDWindow(limits), held: newHeld(),
	}
	p.idsOnly = true
	p.resetPatience()
	p.patience += max(timing.Start, 0) // it holds none of the proposals that wait: let a standby lead that does
	return p
}

// resetPatience begins a standby's wait anew: random within a range, longer after each ballot lost,
// so that standbys do not keep preempting each other.
func (p *Proposer) resetPatience() {
	p.patience = p.timing.Patience + p.jitter(p.timing.Patience*(1+min(p.lost, 4)))
}

// jitter returns a number from 0 to most, which differs from start to start of a proposer.
func (p *Proposer) jitter(most int) int {
	p.draws++
	mixed := p.draws * 0x9e3779b97f4a7c15
	for _, b := range p.process {
		mixed = (mixed ^ uint64(b)) * 0x100000001b3
	}
	mixed ^= mixed >> 31
	mixed *= 0x94d049bb133111eb
	mixed ^= mixed >> 29
	return int(mixed % uint64(most+1))
}

// mayCampaign reports whether this standby knows enough to lead: the membership, and the ids of the
// log's window up to what the acceptors it hears have settled.
func (p *Proposer) mayCampaign() bool {
	if p.pinning.pinned == nil {
		return false
	}
	return p.follower.learned >= p.peers.settledSince(p.now-p.timing.Absent)
}

// campaign begins phase 1 in a ballot above all that acceptors told of.
func (p *Proposer) campaign() {
	p.round++
	ballot := Ballot{Round: p.round, Proposer: p.self.ID, Start: p.process}
	p.leadership = nil
	p.candidacy = newCandidacy(ballot, *p.pinning.pinned, p.now)
	p.prepare(1)
}

func (p *Proposer) prepare(first Slot) {
	p.candidacy.asked[first] = p.now
	p.send(Address{}, &Prepare{Ballot: p.candidacy.ballot, First: first})
}

// onPromise counts a promise, and leads once a quorum's are complete.
func (p *Proposer) onPromise(from Address, m *Promise) {
	c := p.candidacy
	if c == nil || m.Ballot != c.ballot || !p.counts(from, m.Boot, m.Sequence) {
		return // of another ballot: no promise to this one
	}
	p.peers.hear(from.ID, m.Settled, p.now)
	p.puller.hint(m.Settled)
	hadQuorum := c.hasQuorum()
	if c.add(from.ID, m) {
		c.progress = p.now
	}
	if c.hasQuorum() && !hadQuorum {
		p.heartbeat()
	}
	if missing := c.promises[from.ID].missing(c.settled()); missing != 0 {
		if asked, ok := c.asked[missing]; !ok || p.now-asked >= p.timing.Heartbeat {
			p.prepare(missing)
		}
	}
	p.tryLead()
}

// tryLead begins phase 2 if phase 1 is done: a quorum's promises are complete, and this proposer
// has learned all that they say is settled.
func (p *Proposer) tryLead() {
	c := p.candidacy
	if c == nil || !c.hasQuorum() || !c.isComplete() || p.follower.learned < c.settled() {
		return
	}
	p.leadership = newLeadership(c, c.recovered(&p.ids), p.follower.learned, *p.pinning.pinned, p.limits, p.now)
	p.candidacy, p.lost = nil, 0
	p.leader = leader{ballot: c.ballot, heard: p.now}
	p.notes.say("leading log " + p.log + " in ballot " + c.ballot.String())
	p.takeOver()
	p.greeter.soon()
}

// heartbeat says that this proposer leads, or is about to, and up to where the log is chosen.
func (p *Proposer) heartbeat() {
	if c := p.candidacy; c != nil {
		c.heartbeat = p.now
		p.send(Address{}, &Accept{Ballot: c.ballot, Reached: p.census.reached()})
		return
	}
	p.propose(Run{})
}

// propose sends run in the ballot this proposer leads in.
func (p *Proposer) propose(run Run) {
	l := p.leadership
	l.spoke, l.told = p.now, l.chosen
	p.send(Address{}, &Accept{Ballot: l.ballot, Run: run, Chosen: l.chosen, Reached: p.census.reached()})
}

// tellChosen tells followers how far the log is chosen, where no accept has told it.
func (p *Proposer) tellChosen() {
	if l := p.leadership; l != nil && l.told < l.chosen {
		l.told = l.chosen
		p.send(Address{}, &Chosen{Ballot: l.ballot, Through: l.chosen})
	}
}

// onAccept hears another proposer lead.
func (p *Proposer) onAccept(from Address, m *Accept) {
	if !p.heeds(from, m.Ballot) {
		return
	}
	p.census.told(m.Reached)
	p.follower.onAccept(m)
	if m.Ballot.Less(p.leader.ballot) || m.Ballot.Start == p.process {
		return // of a leader that was, or an echo of its own
	}
	p.puller.hint(m.Chosen)
	if p.leader.hasLeft && p.leader.ballot == m.Ballot {
		return // said before it left
	}
	if p.candidacy != nil && (p.candidacy.ballot.Less(m.Ballot) || !p.candidacy.hasQuorum()) ||
		p.leadership != nil && p.leadership.ballot.Less(m.Ballot) {
		p.standBy()
	}
	if p.candidacy == nil && p.leadership == nil {
		p.leader = leader{ballot: m.Ballot, heard: p.now}
		p.leaderAt, p.lost = p.now, 0
		p.resetPatience()
	}
}

// onAccepted counts a vote in the ballot that this proposer leads in.
func (p *Proposer) onAccepted(from Address, m *Accepted) {
	l := p.leadership
	if !p.counts(from, m.Boot, m.Sequence) || l == nil || m.Ballot != l.ballot {
		return
	}
	for _, run := range l.onAccepted(from.ID, m, p.now) {
		p.learn(p.follower.onSettled(run), true)
	}
}

// onPreempted stops trying in a ballot that an acceptor promised to exceed.
func (p *Proposer) onPreempted(from Address, m *Preempted) {
	if !p.isMember(from) {
		p.dropped.Sender++
		return
	}
	p.hearRound(m.By.Round)
	isOurs := p.candidacy != nil && p.candidacy.ballot == m.Ballot ||
		p.leadership != nil && p.leadership.ballot == m.Ballot
	if isOurs && m.Ballot.Less(m.By) {
		p.lost++
		p.standBy()
	}
}

// onStop hears a leader leave, and takes over at once. Where several standbys do, all but the highest
// are preempted in their first round trip.
func (p *Proposer) onStop(from Address, m *Stop) {
	if m.Ballot.Proposer != from.ID || m.Ballot != p.leader.ballot || p.leadership != nil {
		return
	}
	p.leader.hasLeft = true
	if p.candidacy == nil && p.mayCampaign() {
		p.campaign()
		p.candidacy.asked[1] -= p.timing.Heartbeat - 1 // again at the next tick: acceptors may hear of it late
		return
	}
	p.patience = 1
}

// standBy gives up the ballot it tries or leads in, if any, and waits for another leader.
func (p *Proposer) standBy() {
	if p.leadership != nil {
		p.notes.say("no longer leading log " + p.log + " in ballot " + p.leadership.ballot.String() + ": standby")
		p.greeter.soon()
	}
	p.candidacy, p.leadership = nil, nil
	p.resetPatience()
}

// stop leaves the ballot it tries or leads in, so that another proposer takes over at once: with all that
// is chosen, if the last heartbeat is heard.
func (p *Proposer) stop() {
	switch {
	case p.leadership != nil:
		p.heartbeat()
		p.send(Address{}, &Stop{Ballot: p.leadership.ballot})
	case p.candidacy != nil:
		p.send(Address{}, &Stop{Ballot: p.candidacy.ballot})
	}
	p.standBy()
}
