package paxos

import "fmt"

// RoleKind is which role a worker plays: a token of every subject.
type RoleKind string

// The roles. A client is not a worker; it proposes.
const (
	RoleProposer RoleKind = "p"
	RoleAcceptor RoleKind = "a"
	RoleLearner  RoleKind = "l"
	RoleClient   RoleKind = "c"
)

// Address names one worker of a log. The zero Address, as a receiver, is everyone who listens.
type Address struct {
	Role RoleKind
	ID   string
}

// String is the address as it stands in a subject: "a.a1".
func (a Address) String() string { return string(a.Role) + "." + a.ID }

// Message is a body on its way. Who sent it is known from where it arrived, never from the body.
type Message struct {
	From Address
	To   Address // zero: everyone who listens for this kind of body
	Tag  Tag     // membership the sender acts in; zero where it knows none yet
	Body Body
}

// Body is one of the kinds of message below, always a pointer.
type Body interface{ isBody() }

// Prepare (1a) asks acceptors to promise a ballot and to tell what they have accepted from slot
// First on. First is 1 at the beginning, and then that of the next page wanted, in the same ballot.
type Prepare struct {
	Ballot Ballot
	First  Slot
}

// Promise (1b) is one page of what its sender has accepted: every proposal above Settled in the
// slots First to Last, or from First on where Last is 0. The promise and Settled are durable before
// it leaves.
type Promise struct {
	Ballot    Ballot
	Boot      uint64
	Sequence  uint64
	Settled   Slot
	First     Slot
	Last      Slot // 0: there is no more
	Proposals []Proposal
}

// Accept (2a) proposes Run in Ballot. An empty run is a heartbeat. Every slot up to Chosen is
// chosen, counted by the leader from votes in this ballot alone (0: it counted none).
//
// Reached says of each member, in the membership's order, how far the leader has heard it get, or nothing.
// Nobody but the leader hears votes; were it to die with what it has heard, an acceptor whose store
// forgets its last votes would not be found out.
type Accept struct {
	Ballot  Ballot
	Run     Run
	Chosen  Slot
	Reached []Reached
}

// Reached is how far an acceptor was heard to get in the newest boot heard of it. Boot 0: none was.
type Reached struct {
	Boot     uint64
	Sequence uint64
}

// Accepted (2b) is a vote, for the proposer of the ballot: its sender has durably accepted, in
// Ballot, every slot of Span, which is the whole contiguous span around the run it answers. An empty
// span answers a heartbeat in a ballot that the sender has accepted nothing in.
type Accepted struct {
	Ballot   Ballot
	Boot     uint64
	Sequence uint64
	Span     Span
}

// Chosen tells followers what an accept would: every slot up to Through is chosen, counted by the
// leader from votes in Ballot alone. A leader says it when no accept follows that could carry it.
type Chosen struct {
	Ballot  Ballot
	Through Slot
}

// Preempted tells a proposer that its Ballot is below By, which the sender has promised.
type Preempted struct {
	Ballot Ballot
	By     Ballot
}

// Stop says that the sender no longer leads in Ballot. Acceptors forget that they have heard it,
// and a standby takes over at once.
type Stop struct {
	Ballot Ballot
}

// Pull asks one acceptor for a page of settled values from slot First on, or of their ids only.
type Pull struct {
	First   Slot
	IDsOnly bool
}

// Settled answers a Pull: a run of chosen values that begins where the pull asked, and may be
// empty. Where IDsOnly, its values have a kind and an id and nothing else. Through is the slot
// through which the sender has settled; slots below Trimmed are gone from its store.
type Settled struct {
	Run     Run
	Through Slot
	Trimmed Slot
	IDsOnly bool
}

// Hello is what every worker says of itself, each second and at once when a newcomer says it.
// Hellos are read whatever their tag.
type Hello struct {
	Process Nonce // drawn at each start
	Heard   []Heard

	// Of proposers: the ballot they lead or follow. Of acceptors: the ballot promised.
	Ballot  Ballot
	Leading bool

	// Of learners: it offers to publish the feed.
	Feeding bool

	// Position is the slot through which an acceptor has settled, and the others have learned.
	// Highest is the highest slot that an acceptor has accepted.
	Position Slot
	Highest  Slot

	// Acceptor is nil in the hellos of other roles.
	Acceptor *AcceptorHello
}

// AcceptorHello is what an acceptor's hello tells of its store.
type AcceptorHello struct {
	Store      StoreID
	Boot       uint64
	Sequence   uint64
	Began      []uint64 // the sequence at which this boot began, then the one before, at most eight
	Founders   []string
	Membership *Membership // nil: none adopted yet
	Free       bool        // free to vote
}

// Heard is what a worker has heard of one boot of an acceptor's store.
type Heard struct {
	Acceptor string
	Store    StoreID
	Boot     uint64
	Process  Nonce // zero: no hello of this boot was heard
	Sequence uint64
}

// Propose asks for values to be chosen, each in a slot of its own and in this order. Plain requests
// bring one value; client libraries bring many.
type Propose struct {
	Values []Value
	Reply  Reply
}

// Reply says where the outcome of a proposal goes. The core never looks into it. The zero Reply is
// nowhere. The i-th value of a Propose has Number + i.
type Reply struct {
	Client bool   // To names an instance of the client library, not a reply subject
	To     string // a reply subject, or "<client>.<instance>"
	Number uint64
}

func (*Prepare) isBody()   {}
func (*Promise) isBody()   {}
func (*Accept) isBody()    {}
func (*Accepted) isBody()  {}
func (*Chosen) isBody()    {}
func (*Preempted) isBody() {}
func (*Stop) isBody()      {}
func (*Pull) isBody()      {}
func (*Settled) isBody()   {}
func (*Hello) isBody()     {}
func (*Propose) isBody()   {}

// String names the kind of body and who it is from and for, for traces.
func (m Message) String() string {
	to := "*"
	if m.To != (Address{}) {
		to = m.To.ID
	}
	return fmt.Sprintf("%s→%s %s", m.From.ID, to, describe(m.Body))
}
