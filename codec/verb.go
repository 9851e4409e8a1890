package codec

import "github.com/synod-log/synod/paxos"

// Verb is the token of a subject that says what it carries.
type Verb string

// The verbs. The last three are for people and other languages, and carry no msgpack; propose and chosen
// do so only where a client library or a proposer is named in the subject.
const (
	VerbPrepare   Verb = "prepare"
	VerbPromise   Verb = "promise"
	VerbAccept    Verb = "accept"
	VerbAccepted  Verb = "accepted"
	VerbPreempted Verb = "preempted"
	VerbStop      Verb = "stop"
	VerbPull      Verb = "pull"
	VerbSettled   Verb = "settled"
	VerbHello     Verb = "hello"
	VerbPropose   Verb = "propose"
	VerbOutcome   Verb = "outcome"
	VerbStatus    Verb = "status"
	VerbChosen    Verb = "chosen"
	VerbRead      Verb = "read"
)

// VerbOf is the verb that a body travels under, and no other: a broker's permissions bind who may use
// a verb, so that a body under another one has to be dropped.
func VerbOf(body paxos.Body) Verb {
	switch body.(type) {
	case *paxos.Prepare:
		return VerbPrepare
	case *paxos.Promise:
		return VerbPromise
	case *paxos.Accept:
		return VerbAccept
	case *paxos.Accepted:
		return VerbAccepted
	case *paxos.Chosen:
		return VerbChosen
	case *paxos.Preempted:
		return VerbPreempted
	case *paxos.Stop:
		return VerbStop
	case *paxos.Pull:
		return VerbPull
	case *paxos.Settled:
		return VerbSettled
	case *paxos.Hello:
		return VerbHello
	case *paxos.Propose:
		return VerbPropose
	}
	return ""
}

// receiver says what follows a verb in a subject.
type receiver uint8

const (
	everyone    receiver = iota // nothing
	oneProposer                 // its id
	oneAcceptor                 // its id
	oneWorker                   // its role and id
	oneInstance                 // a client's id and an instance of it
)

// rule says who may use a verb, and to whom.
type rule struct {
	senders string // their roles
	to      receiver
}

// rules are those of <role>.<id>.<verb>[.<to>].
var rules = map[Verb]rule{
	VerbPrepare:   {"p", everyone},
	VerbPromise:   {"a", oneProposer},
	VerbAccept:    {"p", everyone},
	VerbAccepted:  {"a", oneProposer},
	VerbChosen:    {"p", everyone},
	VerbPreempted: {"a", oneProposer},
	VerbStop:      {"p", everyone},
	VerbPull:      {"palc", oneAcceptor},
	VerbSettled:   {"a", oneWorker},
	VerbHello:     {"palc", everyone},
	VerbPropose:   {"c", everyone},
	VerbOutcome:   {"p", oneInstance},
}

// roleOf is the role that a token names, or "".
func roleOf(token string) paxos.RoleKind {
	switch token {
	case "p":
		return paxos.RoleProposer
	case "a":
		return paxos.RoleAcceptor
	case "l":
		return paxos.RoleLearner
	case "c":
		return paxos.RoleClient
	}
	return ""
}
