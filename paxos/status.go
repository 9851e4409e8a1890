package paxos

// AcceptorStatus is what an acceptor shows of itself.
type AcceptorStatus struct {
	Membership Membership // no members: it has adopted none
	Voting     bool       // it promises and votes
	Waiting    string     // what it waits for before it votes, in words; empty where it votes
	Promised   Ballot
	Settled    Slot
	Highest    Slot // highest slot accepted
	Boot       uint64
	Sequence   uint64 // number of the last record
	TailBytes  int
	Heard      []LastHeard // of the other members of its membership
	Dropped    Dropped
}

// ProposerStatus is what a proposer shows of itself.
type ProposerStatus struct {
	Membership Membership // no members: it has pinned none
	State      string     // "starting", "standby", "candidate", "leading"
	Waiting    string     // what it waits for before it can lead, in words; empty where it needs nothing
	Ballot     Ballot     // its own, where it is a candidate or leads; else the leader's it follows
	Learned    Slot
	Chosen     Slot // where it leads: every slot up to here is chosen
	Held       int  // proposals held
	HeldBytes  int
	InFlight   int         // values proposed and not known to be chosen
	Wait       int         // where it leads: ticks that a proposal made now would wait; 0: cannot be told
	Retry      int         // where it leads: Outcome.Retry of one that was refused now
	Full       bool        // where it leads: it would refuse a proposal made now
	Overloaded uint64      // proposals refused or dropped since they would have waited for too long
	Heard      []LastHeard // of the members of its membership
	Dropped    Dropped
}

// LearnerStatus is what a learner shows of itself.
type LearnerStatus struct {
	Membership Membership  // no members: it has pinned none
	Waiting    string      // what it waits for, in words
	Ballot     Ballot      // the leader's it follows
	Learned    Slot        // every slot from the first wanted to here was learned
	Target     Slot        // the highest slot it has heard to be chosen or settled
	Offering   bool        // it offers to publish the feed
	Feeding    bool        // it publishes the feed
	Heard      []LastHeard // of the members of its membership
	Dropped    Dropped
}

// LastHeard is how long ago a worker heard an acceptor say where it is in the log, in ticks. An
// acceptor that it has not heard since it started is not told of.
type LastHeard struct {
	Acceptor string
	Ticks    int
}

// Dropped counts messages that had no effect, by the reason.
type Dropped struct {
	Tag       uint64 // of another membership
	Sender    uint64 // the sender is not who may say this
	Boot      uint64 // a promise or vote of a boot whose hello was not heard, or of a store not trusted
	Round     uint64 // an absurd round
	Malformed uint64 // fields that contradict each other
	Unwanted  uint64 // of a kind this role does not take
}
