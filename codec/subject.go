package codec

import (
	"fmt"
	"strings"
	"sync"

	"github.com/synod-log/synod/paxos"
)

// DefaultPrefix is the first token of all subjects, unless a deployment chooses another.
const DefaultPrefix = "synod"

// Subjects builds and reads the subjects of one log:
//
//	<prefix>.<log>.propose, .chosen, .read       for people and other languages
//	<prefix>.<log>.status.<role>.<id>            likewise
//	<prefix>.<log>.<role>.<id>.<verb>[.<to>…]    between workers: who sends is in the subject
//
// It keeps what it has built, so that a message that is sent again and again costs no memory. It may be
// used by many goroutines at once.
type Subjects struct {
	prefix string
	base   string // "<prefix>.<log>."

	mu    sync.RWMutex
	built map[parts]string
}

// parts are what a subject between workers is made of.
type parts struct {
	from   paxos.Address
	verb   Verb
	first  string // of what follows the verb
	second string
}

// mostBuilt bounds the subjects kept. Receivers have ids that strangers can make up.
const mostBuilt = 1024

// NewSubjects returns the subjects of a log. The prefix is one id or several with dots between them;
// the empty one stands for DefaultPrefix.
func NewSubjects(prefix, log string) (*Subjects, error) {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	for token := range strings.SplitSeq(prefix, ".") {
		if err := checkName("prefix "+prefix+": token", token); err != nil {
			return nil, err
		}
	}
	if err := CheckLog(log); err != nil {
		return nil, err
	}
	return &Subjects{
		prefix: prefix, base: prefix + "." + log + ".", built: make(map[parts]string),
	}, nil
}

// Propose is where any client sends one raw value.
func (s *Subjects) Propose() string { return s.base + string(VerbPropose) }

// Chosen is the feed: one message per value, in order.
func (s *Subjects) Chosen() string { return s.base + string(VerbChosen) }

// Read is where any client asks for a replay of the log.
func (s *Subjects) Read() string { return s.base + string(VerbRead) }

// Hellos is what to listen to for all that workers say of themselves. It has wildcards.
func (s *Subjects) Hellos() string { return s.base + "*.*." + string(VerbHello) }

// Status is where a worker answers what state it is in.
func (s *Subjects) Status(role paxos.RoleKind, id string) string {
	return s.base + string(VerbStatus) + "." + string(role) + "." + id
}

// Outcome is where a proposer tells an instance of a client library how its proposals ended.
func (s *Subjects) Outcome(proposer, client, instance string) string {
	from := paxos.Address{Role: paxos.RoleProposer, ID: proposer}
	return s.get(parts{from: from, verb: VerbOutcome, first: client, second: instance})
}

// Subject is where a message goes. It is made of the roles and ids of sender and receiver and the kind
// of the body; ids are checked where they come in, not here. It panics when the body is of no known
// kind, or is for one receiver and the message is not.
func (s *Subjects) Subject(m paxos.Message) string {
	p := parts{from: m.From, verb: VerbOf(m.Body)}
	r, known := rules[p.verb]
	if !known || (r.to != everyone && m.To == (paxos.Address{})) {
		panic(fmt.Sprintf("codec: no subject carries %v", m))
	}
	switch r.to {
	case oneProposer, oneAcceptor:
		p.first = m.To.ID
	case oneWorker:
		p.first, p.second = string(m.To.Role), m.To.ID
	}
	return s.get(p)
}

// get returns the subject, which it builds the first time.
func (s *Subjects) get(p parts) string {
	s.mu.RLock()
	subject, ok := s.built[p]
	s.mu.RUnlock()
	if ok {
		return subject
	}
	subject = s.base + p.from.String() + "." + string(p.verb)
	if p.first != "" {
		subject += "." + p.first
	}
	if p.second != "" {
		subject += "." + p.second
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.built) >= mostBuilt {
		clear(s.built)
	}
	s.built[p] = subject
	return subject
}

// Subscriptions are the subjects that a worker, or a client library, listens to for the protocol. What
// it serves, and a client's outcomes, are apart.
func (s *Subjects) Subscriptions(self paxos.Address) []string {
	settled := "a.*.settled." + self.String()
	var tails []string
	switch self.Role {
	case paxos.RoleProposer:
		tails = []string{
			"propose", "c.*.propose", "a.*.promise." + self.ID, "a.*.preempted." + self.ID,
			"a.*.accepted." + self.ID, "p.*.accept", "p.*.stop", "*.*.hello", settled,
		}
	case paxos.RoleAcceptor:
		tails = []string{
			"p.*.prepare", "p.*.accept", "p.*.stop", "*.*.hello", "*.*.pull." + self.ID, settled,
		}
	case paxos.RoleLearner, paxos.RoleClient:
		tails = []string{"p.*.accept", "p.*.chosen", "*.*.hello", settled}
	default:
		panic(fmt.Sprintf("codec: %v plays no role", self))
	}
	for i, tail := range tails {
		tails[i] = s.base + tail
	}
	return tails
}

// OutcomeSubscription is the subject that an instance of a client library listens to: whichever
// proposer leads may answer it.
func (s *Subjects) OutcomeSubscription(client, instance string) string {
	return s.base + "p.*.outcome." + client + "." + instance
}

// MayAnswer reports whether a worker may publish to a reply subject. One that begins with $ or our own
// prefix it must not: a client that may only ask could so speak with the worker's rights. Nor one with
// a wildcard, which would be taken literally.
func (s *Subjects) MayAnswer(reply string) bool {
	if reply == "" || reply[0] == '$' || strings.ContainsAny(reply, "*> \t\r\n") {
		return false
	}
	rest, ours := strings.CutPrefix(reply, s.prefix)
	return !ours || (rest != "" && rest[0] != '.')
}
