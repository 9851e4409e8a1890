package paxos

// Learner learns the log: every slot from the first it wants, in order, each once. It hears what a
// leader proposes, and how far that leader has counted votes for it; what it missed it pulls from
// acceptors, which serve only what they know to be chosen. So a run costs it one message, however many
// acceptors vote, and an acceptor sends its votes to one worker, however many learn.
type Learner struct {
	listener
	feed feed
}

// NewLearner returns a learner. Start begins.
func NewLearner(o LearnerOptions) *Learner {
	limits, timing := o.Limits.orDefault(), o.Timing.orDefault()
	self := Address{Role: RoleLearner, ID: o.ID}
	if o.Client {
		self.Role = RoleClient
	}
	l := &Learner{listener: newListener(self, o.Log, o.Process, timing, limits.Tail)}
	l.feed.isWilling = o.Feed
	if o.From > 1 {
		l.follower.learned = o.From - 1
	}
	return l
}

// Start says hello.
func (l *Learner) Start() Effects {
	l.reset()
	l.send(Address{}, l.hello())
	return l.finish()
}

// Step implements Role.
func (l *Learner) Step(arrived ...Message) Effects {
	l.reset()
	for i := range arrived {
		l.take(&arrived[i])
	}
	l.effects.Learned = l.follower.advance(l.effects.Learned)
	l.effects.Feed = l.feed.next(l.follower.learned)
	return l.finish()
}

func (l *Learner) take(m *Message) {
	switch body := m.Body.(type) {
	case *Hello:
		l.onHello(m.From, m.Tag, body)
		if m.From.Role == RoleLearner && body.Process != l.process {
			// What was never chosen was never published: anybody can say so in a hello.
			position := min(body.Position, max(l.follower.learned, l.puller.target))
			l.feed.onHello(m.From.ID, body.Feeding, position, l.now-l.timing.Absent, l.now)
		}
		return
	}
	if !l.isOurs(m) {
		return
	}
	switch body := m.Body.(type) {
	case *Accept:
		l.onAccept(m.From, body)
	case *Chosen:
		l.onChosen(m.From, body)
	case *Settled:
		l.effects.Learned = l.follower.advance(l.effects.Learned)
		if run := l.onSettled(m.From, body); !run.IsEmpty() {
			l.effects.Learned = append(l.effects.Learned, run)
		}
	default:
		l.dropped.Unwanted++
	}
}

func (l *Learner) onAccept(from Address, m *Accept) {
	if !l.heeds(from, m.Ballot) {
		return
	}
	l.hearLeader(m.Ballot, m.Chosen)
	l.follower.onAccept(m)
}

func (l *Learner) onChosen(from Address, m *Chosen) {
	if !l.heeds(from, m.Ballot) {
		return
	}
	l.hearLeader(m.Ballot, m.Through)
	l.follower.onChosen(m)
}

// hearLeader follows who leads in ballot, unless in a higher one another does.
func (l *Learner) hearLeader(ballot Ballot, chosen Slot) {
	if !ballot.Less(l.leader.ballot) {
		l.leader = leader{ballot: ballot, heard: l.now}
		l.puller.hint(chosen)
	}
}

// Tick implements Role.
func (l *Learner) Tick() Effects {
	l.reset()
	l.tick(l.hello)
	since := l.now - l.timing.Absent
	settled := l.peers.settledSince(since)
	isLevel := l.pinning.pinned != nil && l.follower.learned >= settled &&
		l.follower.learned <= max(settled, l.puller.target) // it may be told to begin above the end
	if l.feed.tick(l.self.ID, l.follower.learned, isLevel, since, l.timing.Absent) {
		l.greeter.soon()
	}
	l.effects.Feed = l.feed.next(l.follower.learned)
	return l.finish()
}

// Leave ends the learner in order: if it publishes the feed, another goes on at once.
func (l *Learner) Leave() Effects {
	l.reset()
	if l.feed.isOffered {
		l.feed = feed{}
		l.send(Address{}, l.hello())
	}
	return l.finish()
}

func (l *Learner) hello() *Hello {
	return &Hello{Process: l.process, Heard: l.census.heard(), Ballot: l.leader.ballot,
		Feeding: l.feed.isOffered, Position: l.follower.learned}
}

// Status tells where the learner is.
func (l *Learner) Status() LearnerStatus {
	return LearnerStatus{
		Membership: l.membership(), Waiting: l.pinning.waiting(), Ballot: l.leader.ballot,
		Learned: l.follower.learned, Target: l.puller.target,
		Offering: l.feed.isOffered, Feeding: l.feed.isFeeding,
		Heard: l.peers.lastHeard(l.now), Dropped: l.dropped,
	}
}
