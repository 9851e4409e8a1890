package paxos

// Role is a state machine that plays one role: an Acceptor, a Proposer or a Learner.
//
// A role does nothing by itself. Its driver hands it messages and ticks, and carries out the
// Effects that come back, before it hands it anything more.
type Role interface {
	// Step takes in the messages that have arrived since the last call, in the order of arrival.
	// What arrives together is answered together: one save, one vote, one run.
	Step(arrived ...Message) Effects
	// Tick tells the role that one tick of time has passed.
	Tick() Effects
}

// Effects are what a role wants done. Everything in Save must be durable before anything else in it
// is carried out: that order is the safety of Paxos. The slices are valid until the role is called
// again.
type Effects struct {
	Save     []Record  // acceptors only
	Send     []Message // in this order
	Read     []Read    // acceptors only: settled slots asked for, to be read apart from the loop
	Learned  []Run     // learners only: in slot order, each slot once
	Feed     Span      // learners only: slots, all learned by now, to be published on the feed
	Outcomes []Outcome // proposers only
	Notices  []Notice  // what people should be told
}

// Read asks the driver to send To a page of settled values from the store, as a Settled: from slot
// First on, no further than Through, as many as fit a page. It may be late, or dropped when there
// are too many: whoever pulls will ask again.
type Read struct {
	To      Address
	First   Slot
	Through Slot
	IDsOnly bool
}

// Outcome answers a proposal, or several that came in one message and ended alike.
type Outcome struct {
	Reply     Reply
	More      int // how many more it answers: the next numbers, chosen in the next slots
	Code      OutcomeCode
	Slot      Slot   // where Code is OutcomeChosen
	Duplicate bool   // the id was known before
	Why       string // where Code is not OutcomeChosen
	Retry     int    // where Code is OutcomeOverloaded: ticks until what waits now is chosen, about; 0: not known
}

// OutcomeCode says how a proposal ended. Every code but OutcomeChosen means: not acknowledged, may
// still be chosen, repeat it with the same id.
type OutcomeCode uint16

// The outcomes that a proposer knows of, with the codes that clients see.
const (
	OutcomeChosen     OutcomeCode = 200
	OutcomeOverloaded OutcomeCode = 429 // the leader's queue is full: in bytes, or of what would wait too long
	OutcomeNoQuorum   OutcomeCode = 503 // no quorum of acceptors is heard
	OutcomeNoLeader   OutcomeCode = 504 // no leader, or no answer in time
)

// Notice is something that a person should be told.
type Notice struct {
	// Fatal: the role will do nothing more, and its process must end with this text.
	Fatal bool
	// Warning: something is wrong, here or elsewhere.
	Warning bool
	Text    string
}
