package codec

import (
	"strings"

	"github.com/synod-log/synod/paxos"
)

// mostTokens follow the prefix and the log: p.<proposer>.outcome.<client>.<instance>.
const mostTokens = 5

// Parse reads a subject that a message arrived on: who sent it, for whom it is (nobody in particular
// where the subject does not say), and the verb. Of a raw proposal and of what is asked of or told to
// the world, the sender is not known. The receiver of an outcome has the id "<client>.<instance>", as
// in a Reply. Ids are parts of subject: nothing is allocated. An error is an *Error.
func (s *Subjects) Parse(subject string) (from, to paxos.Address, verb Verb, err error) {
	rest, ours := strings.CutPrefix(subject, s.base)
	if !ours {
		return from, to, "", &Error{Reason: ReasonSubject}
	}
	var tokens [mostTokens]string
	count, ok := split(rest, &tokens)
	if ok {
		from, to, verb, ok = parse(rest, tokens[:count])
	}
	if !ok {
		return paxos.Address{}, paxos.Address{}, "", &Error{Reason: ReasonSubject, Offset: len(s.base)}
	}
	return from, to, verb, nil
}

// Decode reads a message that arrived: its sender and receiver from the subject, the rest from data. It
// refuses a body that does not belong to its subject, and a raw proposal, which is not msgpack. What
// DecodeMessage says of data holds. The Reply of a Propose is complete.
func (s *Subjects) Decode(subject string, data []byte) (paxos.Message, error) {
	from, to, verb, err := s.Parse(subject)
	if err != nil {
		return paxos.Message{}, err
	}
	tag, body, err := DecodeMessage(data)
	if err != nil {
		return paxos.Message{}, err
	}
	if from.ID == "" || verb != VerbOf(body) {
		return paxos.Message{}, &Error{Reason: ReasonVerb}
	}
	if propose, ok := body.(*paxos.Propose); ok && propose.Reply.Client {
		propose.Reply.To = from.ID + "." + propose.Reply.To
	}
	return paxos.Message{From: from, To: to, Tag: tag, Body: body}, nil
}

// split cuts a subject at its dots, and checks that each token has the form of an id.
func split(subject string, tokens *[mostTokens]string) (count int, ok bool) {
	for more := true; more; count++ {
		if count == mostTokens {
			return 0, false
		}
		tokens[count], subject, more = strings.Cut(subject, ".")
		if !isID(tokens[count]) {
			return 0, false
		}
	}
	return count, true
}

// parse reads the tokens of rest, which follow the prefix and the log.
func parse(rest string, tokens []string) (from, to paxos.Address, verb Verb, ok bool) {
	switch {
	case len(tokens) == 1:
		verb = Verb(tokens[0])
		return from, to, verb, verb == VerbPropose || verb == VerbChosen || verb == VerbRead
	case len(tokens) == 3 && Verb(tokens[0]) == VerbStatus:
		to = paxos.Address{Role: roleOf(tokens[1]), ID: tokens[2]}
		return from, to, VerbStatus, to.Role != "" && to.Role != paxos.RoleClient
	case len(tokens) < 3:
		return from, to, verb, false
	}
	verb = Verb(tokens[2])
	r, known := rules[verb]
	from = paxos.Address{Role: roleOf(tokens[0]), ID: tokens[1]}
	if !known || from.Role == "" || !strings.Contains(r.senders, string(from.Role)) {
		return from, to, verb, false
	}
	to, ok = r.to.parse(rest, tokens[3:])
	return from, to, verb, ok
}

// parse reads the tokens that follow a verb, the last ones of rest.
func (r receiver) parse(rest string, tokens []string) (to paxos.Address, ok bool) {
	switch {
	case r == everyone:
		return to, len(tokens) == 0
	case r == oneProposer && len(tokens) == 1:
		return paxos.Address{Role: paxos.RoleProposer, ID: tokens[0]}, true
	case r == oneAcceptor && len(tokens) == 1:
		return paxos.Address{Role: paxos.RoleAcceptor, ID: tokens[0]}, true
	case r == oneWorker && len(tokens) == 2:
		role := roleOf(tokens[0])
		return paxos.Address{Role: role, ID: tokens[1]}, role != ""
	case r == oneInstance && len(tokens) == 2:
		both := rest[len(rest)-len(tokens[0])-1-len(tokens[1]):]
		return paxos.Address{Role: paxos.RoleClient, ID: both}, isInstance(tokens[1])
	}
	return to, false
}
