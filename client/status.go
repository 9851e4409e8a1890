package client

import (
	"time"

	"github.com/synod-log/synod/paxos"
)

// State says in one word how a log is.
type State string

// The states of a log.
const (
	// Healthy: values are chosen, and nothing that was seen is wrong.
	Healthy State = "healthy"
	// Degraded: values are chosen, and something needs somebody's attention.
	Degraded State = "degraded"
	// Stalled: nothing can be chosen now.
	Stalled State = "stalled"
	// Unseen: nothing can be said, since the broker is not reached or lets nothing be heard.
	Unseen State = "unseen"
)

// StatusReport is how a log is. Its names in JSON are a promise to whoever parses them; fields may
// be added.
type StatusReport struct {
	Log   string `json:"log"`
	State State  `json:"state"`
	// Verdict is the report in one line:
	//	main: making progress; 3 of 3 acceptors, p1 leads (ballot 7); can lose 1
	Verdict string `json:"verdict"`
	// Next is what to do, or to know, the most urgent first; empty where there is nothing.
	Next []string `json:"next,omitempty"`

	Leader string `json:"leader,omitempty"` // id of the proposer that leads
	Ballot string `json:"ballot,omitempty"` // the one it leads in: "7.p1"
	// Voting is how many acceptors are heard, vote and are counted; Quorum is how many it takes, 0
	// where no membership is known; CanLose is how many may still be lost before the log stalls.
	Voting  int    `json:"voting"`
	Quorum  int    `json:"quorum"`
	CanLose int    `json:"can_lose"`
	Epoch   uint64 `json:"epoch,omitempty"`
	Tag     string `json:"tag,omitempty"` // of the membership, in hex

	Acceptors []AcceptorStatus `json:"acceptors"`
	Proposers []ProposerStatus `json:"proposers"`
	Learners  []LearnerStatus  `json:"learners"`
	Clients   int              `json:"clients"` // client libraries that follow the log
}

// AcceptorState says whether an acceptor counts, and if not why.
type AcceptorState string

// The states of an acceptor.
const (
	AcceptorVoting   AcceptorState = "voting"
	AcceptorWaiting  AcceptorState = "waiting"        // it runs, and does not vote yet
	AcceptorMissing  AcceptorState = "missing"        // it is a member, and not heard
	AcceptorLost     AcceptorState = "lost store"     // a member's id, with another store
	AcceptorTwice    AcceptorState = "twice"          // two processes run as it
	AcceptorStranger AcceptorState = "stranger"       // no member, or of another membership
	AcceptorForeign  AcceptorState = "not understood" // a member that speaks another version
)

// AcceptorStatus is an acceptor: one that is heard, or a member that is not.
type AcceptorStatus struct {
	ID      string        `json:"id"`
	State   AcceptorState `json:"state"`
	Waiting string        `json:"waiting,omitempty"` // what it waits for, in its own words
	Store   string        `json:"store"`             // the first bytes of its id, in hex
	Boot    uint64        `json:"boot,omitempty"`
	// Promised is the highest ballot promised, Settled the slot through which it holds the chosen
	// values, Highest the highest slot that it has accepted a value in.
	Promised string     `json:"promised,omitempty"`
	Settled  paxos.Slot `json:"settled"`
	Highest  paxos.Slot `json:"highest"`
	// LastHeard is how many milliseconds ago it was heard, by this program or by a worker; nil: never.
	LastHeard *int64 `json:"last_heard_ms"`
}

// ProposerStatus is a proposer that is heard.
type ProposerStatus struct {
	ID string `json:"id"`
	// State is leading, standby, candidate or starting; stranger, where it acts in another membership.
	State   string `json:"state"`
	Waiting string `json:"waiting,omitempty"`
	// Ballot is its own where it leads or is a candidate, else the leader's that it follows.
	Ballot  string     `json:"ballot,omitempty"`
	Learned paxos.Slot `json:"learned"`
	Held    int        `json:"held"`      // proposals that it holds
	Flight  int        `json:"in_flight"` // values proposed and not known to be chosen
}

// LearnerStatus is a learner that is heard.
type LearnerStatus struct {
	ID        string     `json:"id"`
	Waiting   string     `json:"waiting,omitempty"`
	Learned   paxos.Slot `json:"learned"`
	Delivered paxos.Slot `json:"delivered"` // handed to its consumer, and taken
	Lag       paxos.Slot `json:"lag"`       // slots known to be chosen and not delivered
}

// StatusFacts are what was seen of a log at one time: all that a report rests on. Each kind of
// worker is sorted by id.
type StatusFacts struct {
	Log       string
	Blind     string // why nothing can be seen, in words; empty where something could be
	Acceptors []AcceptorFacts
	Proposers []ProposerFacts
	Learners  []LearnerFacts
	Clients   int
	// Told are the memberships that workers other than acceptors act in.
	Told []paxos.Membership
	// LastHeard is how long ago an acceptor was heard by anybody who could tell.
	LastHeard map[string]time.Duration
	// Foreign are workers whose words are not understood, each with why.
	Foreign []ForeignFacts
	// Captures are the JetStream streams that answer in our place.
	Captures []CaptureFacts
}

// AcceptorFacts are what an acceptor says of itself.
type AcceptorFacts struct {
	ID         string
	IsTwice    bool // two processes say that they are it
	Store      paxos.StoreID
	Boot       uint64
	Founders   []string
	Membership *paxos.Membership // nil: it has adopted none
	IsFree     bool              // to vote, as far as founding goes
	Waiting    string            // what it waits for before it votes, if it could be asked
	Promised   paxos.Ballot
	Settled    paxos.Slot
	Highest    paxos.Slot
}

// ProposerFacts are what a proposer says of itself.
type ProposerFacts struct {
	ID        string
	IsTwice   bool
	Tag       paxos.Tag // of the membership that it acts in
	IsLeading bool
	State     string // if it could be asked
	Waiting   string
	Ballot    paxos.Ballot
	Learned   paxos.Slot
	Held      int
	Flight    int
}

// LearnerFacts are what a learner says of itself. Target is the highest slot that it knows to be
// chosen; 0 where it could not be asked, and then Delivered is not known either.
type LearnerFacts struct {
	ID        string
	IsTwice   bool
	Waiting   string
	Learned   paxos.Slot
	Target    paxos.Slot
	Delivered paxos.Slot
}

// ForeignFacts are a worker whose words are not understood, and why not.
type ForeignFacts struct {
	From paxos.Address
	Why  string
}

// CaptureFacts are a JetStream stream that captures a subject on which workers answer.
type CaptureFacts struct{ Stream, Subject string }
