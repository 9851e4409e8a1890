package worker

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

const (
	// valueReserve is how far below the broker's max_payload a value must stay, in bytes, so that it
	// fits into every message that carries it.
	valueReserve = 8 << 10
	// maxGivenID is the most bytes that a Nats-Msg-Id may have.
	maxGivenID = 256

	idHeader = nats.MsgIdHdr
)

// The codes of final refusals: the value was not proposed and will not be. Clients see them.
const (
	codeBadRequest paxos.OutcomeCode = 400
	codeTooLarge   paxos.OutcomeCode = 413
)

// admission judges what clients propose, apart from the proposer's loop, in the callbacks of nats.go.
//
// Every proposer hears every proposal and judges it alike, so that all hold the same; but only one should
// say that it refuses. The leader does. Where none is heard to lead, all do: their answers are the same,
// and a client takes the first.
type admission struct {
	log      string
	proposer string
	subjects *codec.Subjects

	isAnswering atomic.Bool  // kept by the loop
	retry       atomic.Int64 // in how many ticks to come back who finds no room; 0: another leads; kept by the loop
	isFull      atomic.Bool  // this proposer leads and would refuse what came now; kept by the loop
	refused     atomic.Uint64
	overloaded  atomic.Uint64 // values that it did not let wait
}

// refusal is why a proposal can never be chosen. The zero refusal is none.
type refusal struct {
	code paxos.OutcomeCode
	why  string
}

// admit returns what the proposer is given, or nil where it refused.
func (a *admission) admit(l *link.Link, msg *nats.Msg, library *paxos.Propose) *paxos.Propose {
	most := int(l.MaxPayload()) - valueReserve
	proposal := library
	var refused refusal
	if library != nil {
		refused = judgeLibrary(library, most)
	} else {
		proposal, refused = a.judgePlain(msg, most)
	}
	if refused == (refusal{}) {
		if a.isFull.Load() { // to let it wait for the loop would keep that from what it has taken
			a.overloaded.Add(uint64(len(proposal.Values)))
			a.overflow(l, proposal)
			return nil
		}
		return proposal
	}
	a.refused.Add(1)
	if a.isAnswering.Load() {
		newAnswers(a.log, a.proposer, a.subjects, l.NewSender()).answer(refused.outcomes(proposal))
	}
	return nil
}

// overflow is told of a proposal that is dropped since too many wait. A leader says so at once, rather than have
// its client wait for an answer that never comes: one message for each that is dropped, as for each that is
// taken.
func (a *admission) overflow(l *link.Link, proposal *paxos.Propose) {
	if outcomes := a.overflowing(proposal); len(outcomes) > 0 {
		newAnswers(a.log, a.proposer, a.subjects, l.NewSender()).answer(outcomes)
	}
}

// overflowing is what is said of a proposal that is dropped; nothing where another leads or nobody asks.
func (a *admission) overflowing(proposal *paxos.Propose) []paxos.Outcome {
	retry := int(a.retry.Load())
	if retry == 0 || proposal.Reply.To == "" {
		return nil
	}
	return []paxos.Outcome{{
		Reply: proposal.Reply, More: len(proposal.Values) - 1, Code: paxos.OutcomeOverloaded, Retry: retry,
		Why: "more waits than the leader takes in: wait a moment and repeat with the same id",
	}}
}

// single is a proposal of one value, and that value: one piece of memory for both.
type single struct {
	proposal paxos.Propose
	value    [1]paxos.Value
}

// judgePlain makes a proposal of a plain request, of at most so many bytes.
func (a *admission) judgePlain(msg *nats.Msg, most int) (*paxos.Propose, refusal) {
	made := &single{value: [1]paxos.Value{{
		Kind: paxos.KindValue, Time: time.Now().UnixMicro(), Data: msg.Data, Headers: ownHeaders(msg.Header),
	}}}
	value, proposal := &made.value[0], &made.proposal
	proposal.Values = made.value[:]
	if a.subjects.MayAnswer(msg.Reply) {
		proposal.Reply.To = msg.Reply
	}
	given, why := givenID(msg.Header)
	switch {
	case given != "":
		value.ID = paxos.ClientID(given)
	case proposal.Reply.To != "":
		value.ID = paxos.ReplyID(proposal.Reply.To, value.Data)
	}
	if why != "" {
		return proposal, refusal{codeBadRequest, why}
	}
	return proposal, tooLarge(value, most)
}

// judgeLibrary checks the values of a client library's proposal, and completes them. One that cannot be
// taken refuses all that came with it: the library sends no such value.
func judgeLibrary(proposal *paxos.Propose, most int) refusal {
	now := time.Now().UnixMicro()
	for i := range proposal.Values {
		value := &proposal.Values[i]
		if value.ID.Kind == paxos.IDReply {
			return refusal{codeBadRequest, "a library's values have ids of clients, or none"}
		}
		value.Time = now
		value.Headers = slices.DeleteFunc(value.Headers, isNotOwn)
		if refused := tooLarge(value, most); refused != (refusal{}) {
			return refused
		}
	}
	return refusal{}
}

// outcomes are what a refusal says of each value of a proposal.
func (r refusal) outcomes(proposal *paxos.Propose) []paxos.Outcome {
	outcomes := make([]paxos.Outcome, len(proposal.Values))
	for i := range outcomes {
		outcomes[i] = paxos.Outcome{Reply: proposal.Reply, Code: r.code, Why: r.why}
		outcomes[i].Reply.Number += uint64(i)
	}
	return outcomes
}

func tooLarge(value *paxos.Value, most int) refusal {
	weight := weigh(value)
	if weight <= most {
		return refusal{}
	}
	return refusal{codeTooLarge, fmt.Sprintf("the value and its headers take %d bytes; at most %d can be "+
		"proposed (the broker's max_payload less %d)", weight, most, valueReserve)}
}

// weigh is how many bytes of a message a value takes, what all values take aside.
func weigh(value *paxos.Value) int {
	weight := len(value.Data)
	for _, header := range value.Headers {
		weight += len(header.Name) + len(header.Value) + 8
	}
	return weight
}

// givenID returns the id that a request came with, in any letter case of the header's name; or why it
// cannot be one.
func givenID(headers nats.Header) (id, why string) {
	for name, values := range headers {
		if !strings.EqualFold(name, idHeader) {
			continue
		}
		for _, value := range values {
			switch {
			case len(value) > maxGivenID:
				return "", fmt.Sprintf("%s has %d bytes; at most %d are allowed",
					idHeader, len(value), maxGivenID)
			case id != "" && value != id:
				return "", idHeader + " was given twice"
			}
			id = value
		}
	}
	return id, ""
}

// ownHeaders returns the headers that belong to the value, sorted by name.
func ownHeaders(headers nats.Header) []paxos.Header {
	if len(headers) == 0 {
		return nil
	}
	var own []paxos.Header
	for name, values := range headers {
		for _, value := range values {
			if header := (paxos.Header{Name: name, Value: value}); !isNotOwn(header) {
				own = append(own, header)
			}
		}
	}
	slices.SortStableFunc(own, func(a, b paxos.Header) int { return strings.Compare(a.Name, b.Name) })
	return own
}

// isNotOwn reports whether a header is dropped: it steers NATS or Synod, or would stop the feed.
func isNotOwn(header paxos.Header) bool {
	return !codec.IsOwnHeader(header.Name)
}
