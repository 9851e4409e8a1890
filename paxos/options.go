package paxos

// Timing is how long things take, in ticks. Safety depends on none of it. The zero value of a field
// stands for that of DefaultTiming.
type Timing struct {
	Hello         int // between hellos
	Heartbeat     int // between a leader's accepts, and between a candidate's prepares
	LeastPatience int // an acceptor that heard its leader within this ignores others' prepares
	Patience      int // a standby waits this and up to as much again for a leader, before it campaigns
	Start         int // a proposer that has just started waits this longer; negative: no longer
	LeaderPause   int // a leader that hears no quorum for this stops
	Resend        int // before a run without a quorum is sent again; doubled each time, up to Patience
	Pull          int // between noticing that something is missing and asking an acceptor for it
	Listen        int // a founder listens for this long before it adopts; a member waits no longer to vote
	Absent        int // a worker not heard for this is taken to be away
	Answer        int // a proposal that waits this long without a leader is told so
	Wait          int // a leader refuses what it expects to wait for longer than this; negative: nothing
	Hold          int // a proposal is held no longer than this
}

// DefaultTiming suits a tick of 10 ms and a broker in the same region: a dead leader is replaced in
// about half a second.
func DefaultTiming() Timing {
	return Timing{
		Hello:         100,
		Heartbeat:     5,
		LeastPatience: 25,
		Patience:      30,
		Start:         60,
		LeaderPause:   100,
		Resend:        10,
		Pull:          5,
		Listen:        100,
		Absent:        300,
		Answer:        200,
		Wait:          100,
		Hold:          3000,
	}
}

// orDefault fills the fields that are zero.
func (t Timing) orDefault() Timing {
	d := DefaultTiming()
	for _, field := range []struct{ have, want *int }{
		{&t.Hello, &d.Hello}, {&t.Heartbeat, &d.Heartbeat}, {&t.LeastPatience, &d.LeastPatience},
		{&t.Patience, &d.Patience}, {&t.Start, &d.Start}, {&t.LeaderPause, &d.LeaderPause}, {&t.Resend, &d.Resend},
		{&t.Pull, &d.Pull}, {&t.Listen, &d.Listen}, {&t.Absent, &d.Absent},
		{&t.Answer, &d.Answer}, {&t.Wait, &d.Wait}, {&t.Hold, &d.Hold},
	} {
		if *field.have == 0 {
			*field.have = *field.want
		}
	}
	return t
}

// Limits are the bounds on what a role keeps and sends. The zero value of a field stands for that
// of DefaultLimits. Sizes are in bytes, as Value.Size counts them.
type Limits struct {
	Tail     int // an acceptor's accepted but not settled values
	Page     int // a page of a promise or of settled values, if it has more than one value
	Run      int // a run a leader sends, if it has more than one value
	Runs     int // runs in flight
	Gather   int // a smaller run waits while another of the same tick is in flight; negative: none waits
	Flight   int // values in flight
	Held     int // proposals that a proposer holds
	IDWindow int // slots for which an id is known as a duplicate (W)
}

// DefaultLimits are the bounds that a deployment has unless it says otherwise.
func DefaultLimits() Limits {
	return Limits{
		Tail:     64 << 20,
		Page:     256 << 10,
		Run:      256 << 10,
		Runs:     8,
		Gather:   64 << 10,
		Flight:   16 << 20,
		Held:     64 << 20,
		IDWindow: 1 << 20,
	}
}

// orDefault fills the fields that are zero.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, field := range []struct{ have, want *int }{
		{&l.Tail, &d.Tail}, {&l.Page, &d.Page}, {&l.Run, &d.Run}, {&l.Runs, &d.Runs},
		{&l.Gather, &d.Gather}, {&l.Flight, &d.Flight}, {&l.Held, &d.Held}, {&l.IDWindow, &d.IDWindow},
	} {
		if *field.have == 0 {
			*field.have = *field.want
		}
	}
	return l
}

// AcceptorOptions are what an acceptor is made with.
type AcceptorOptions struct {
	Log      string
	ID       string
	Founders []string // the ids that found the log together, in any order; with this one's own
	Store    StoreID
	Process  Nonce // drawn at random at this start
	Timing   Timing
	Limits   Limits
}

// ProposerOptions are what a proposer is made with.
type ProposerOptions struct {
	Log     string
	ID      string
	Process Nonce // drawn at random at this start; the Start of its ballots
	Timing  Timing
	Limits  Limits
}

// LearnerOptions are what a learner is made with.
type LearnerOptions struct {
	Log     string
	ID      string
	Process Nonce // drawn at random at this start
	From    Slot  // the first slot to learn; 0 is 1
	Client  bool  // it runs in a client library, under the client's role
	Feed    bool  // it offers to publish the feed, once it is level with the acceptors
	Timing  Timing
	Limits  Limits
}
