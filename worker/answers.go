package worker

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

const (
	// outcomesPerMessage keeps a message of outcomes near what the client's connection reads at once.
	outcomesPerMessage = 1000
	// keptGroups bounds the instances of client libraries that are remembered for their memory's sake.
	keptGroups = 1024
	// retryHeader is in how many milliseconds to come back, as in the JSON. gRPC does it so too.
	retryHeader = "Synod-Retry-After-Ms"
)

// publisher is what answers are published with: a link.Sender.
type publisher interface {
	Publish(subject string, data []byte)
	PublishMsg(*nats.Msg)
}

// answers tells clients how their proposals ended: plain requests in JSON, instances of the client
// library many at a time. It serves one goroutine.
type answers struct {
	log      string
	proposer string
	subjects *codec.Subjects
	out      publisher

	buffer []byte
	groups map[string][]paxos.Outcome // by Reply.To; empty between calls
	order  []string                   // of the groups, by the first outcome
}

func newAnswers(log, proposer string, subjects *codec.Subjects, out publisher) *answers {
	return &answers{
		log: log, proposer: proposer, subjects: subjects, out: out,
		groups: make(map[string][]paxos.Outcome),
	}
}

// answer sends outcomes to whom they are for: those of one instance in one message.
func (a *answers) answer(outcomes []paxos.Outcome) {
	for i := range outcomes {
		outcome := &outcomes[i]
		switch {
		case outcome.Reply.To == "":
		case outcome.Reply.Client:
			group := a.groups[outcome.Reply.To]
			if len(group) == 0 {
				a.order = append(a.order, outcome.Reply.To)
			}
			a.groups[outcome.Reply.To] = append(group, *outcome)
		default:
			a.answerPlain(outcome)
		}
	}
	a.flushGroups()
}

func (a *answers) flushGroups() {
	for _, to := range a.order {
		group := a.groups[to]
		for rest := group; len(rest) > 0; {
			part := rest[:min(len(rest), outcomesPerMessage)]
			rest = rest[len(part):]
			a.answerInstance(to, part)
		}
		clear(group)
		a.groups[to] = group[:0]
	}
	clear(a.order)
	a.order = a.order[:0]
	if len(a.groups) > keptGroups {
		clear(a.groups)
	}
}

func (a *answers) answerInstance(to string, outcomes []paxos.Outcome) {
	client, instance, ok := strings.Cut(to, ".")
	if !ok {
		return
	}
	a.buffer = codec.AppendOutcomes(a.buffer[:0], paxos.Tag{}, outcomes)
	a.out.Publish(a.subjects.Outcome(a.proposer, client, instance), a.buffer)
}

func (a *answers) answerPlain(outcome *paxos.Outcome) {
	if outcome.Code == paxos.OutcomeChosen {
		a.buffer = appendChosen(a.buffer[:0], a.log, outcome)
		a.out.Publish(outcome.Reply.To, a.buffer)
		return
	}
	a.out.PublishMsg(failureMsg(outcome))
}

// appendChosen appends {"log":"main","slot":42}, with "duplicate":true where the id was known. A log's
// name needs no escape.
func appendChosen(to []byte, log string, outcome *paxos.Outcome) []byte {
	to = append(to, `{"log":"`...)
	to = append(to, log...)
	to = append(to, `","slot":`...)
	to = strconv.AppendUint(to, uint64(outcome.Slot), 10)
	if outcome.Duplicate {
		to = append(to, `,"duplicate":true`...)
	}
	return append(to, '}')
}

// failureMsg is an outcome other than chosen, in the form that NATS services report errors in.
func failureMsg(outcome *paxos.Outcome) *nats.Msg {
	type failure struct {
		Code        paxos.OutcomeCode `json:"code"`
		Description string            `json:"description"`
		RetryAfter  int64             `json:"retry_after_ms,omitempty"`
	}
	why := describe(outcome)
	retryAfter := (time.Duration(outcome.Retry) * link.Tick).Milliseconds()
	data, _ := json.Marshal(struct {
		Error failure `json:"error"`
	}{failure{outcome.Code, why, retryAfter}}) // numbers and a string always marshal
	msg := nats.NewMsg(outcome.Reply.To)
	msg.Data = data
	msg.Header.Set(micro.ErrorCodeHeader, strconv.Itoa(int(outcome.Code)))
	msg.Header.Set(micro.ErrorHeader, oneLine(why))
	if retryAfter > 0 {
		msg.Header.Set(retryHeader, strconv.FormatInt(retryAfter, 10))
	}
	return msg
}

// describe is why a proposal was not acknowledged, in words.
func describe(outcome *paxos.Outcome) string {
	if outcome.Why != "" {
		return outcome.Why
	}
	switch outcome.Code {
	case paxos.OutcomeOverloaded:
		return "the leader's queue is full; repeat with the same id"
	case paxos.OutcomeNoQuorum:
		return "no quorum of acceptors is heard; it may still be chosen; repeat with the same id"
	case paxos.OutcomeNoLeader:
		return "no proposer leads; it may still be chosen; repeat with the same id"
	}
	return "not acknowledged; it may still be chosen; repeat with the same id"
}

// oneLine makes a text fit for a header.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return ' '
		}
		return r
	}, text)
}
