package codec

import (
	"fmt"

	"github.com/synod-log/synod/paxos"
)

// Version is the version of the wire that this package speaks, and the only one that it reads.
const Version = 1

// kind is the number of a kind of message on the wire. Numbers are never used again.
type kind uint64

const (
	kindPrepare kind = 1 + iota
	kindPromise
	_ // accepts that did not say what the leader has heard
	kindAccepted
	kindPreempted
	kindStop
	kindPull
	kindSettled
	kindHello
	kindPropose
	_ // outcomes without a time to come back
	kindChosen
	kindOutcomes
	kindAccept
)

// messageFields are how many fields follow the tag.
var messageFields = [...]int{
	kindPrepare:   2,
	kindPromise:   7,
	kindAccept:    5,
	kindAccepted:  5,
	kindPreempted: 2,
	kindStop:      1,
	kindPull:      2,
	kindSettled:   5,
	kindHello:     helloFields,
	kindPropose:   3,
	kindChosen:    2,
	kindOutcomes:  1,
}

const envelopeFields = 3 // version, kind, tag

// appendEnvelope appends the head of a message, through its tag.
func appendEnvelope(to []byte, k kind, tag paxos.Tag) []byte {
	to = append(to, fixArray|byte(envelopeFields+messageFields[k]), Version, byte(k))
	return appendBin(to, tag[:])
}

// AppendMessage appends a message as it travels, and returns the longer slice. It allocates nothing
// where to has room, hellos aside. It panics when body is of no known kind, or proposes for an instance
// of the client library that is not one.
func AppendMessage(to []byte, tag paxos.Tag, body paxos.Body) []byte {
	switch b := body.(type) {
	case *paxos.Prepare:
		to = appendBallot(appendEnvelope(to, kindPrepare, tag), b.Ballot)
		return appendUint(to, b.First)
	case *paxos.Promise:
		return appendPromise(appendEnvelope(to, kindPromise, tag), b)
	case *paxos.Accept:
		to = appendBallot(appendEnvelope(to, kindAccept, tag), b.Ballot)
		return appendRun(appendReached(appendUint(to, b.Chosen), b.Reached), b.Run)
	case *paxos.Accepted:
		to = appendBallot(appendEnvelope(to, kindAccepted, tag), b.Ballot)
		return appendSpan(appendUint(appendUint(to, b.Boot), b.Sequence), b.Span)
	case *paxos.Chosen:
		to = appendBallot(appendEnvelope(to, kindChosen, tag), b.Ballot)
		return appendUint(to, b.Through)
	case *paxos.Preempted:
		to = appendBallot(appendEnvelope(to, kindPreempted, tag), b.Ballot)
		return appendBallot(to, b.By)
	case *paxos.Stop:
		return appendBallot(appendEnvelope(to, kindStop, tag), b.Ballot)
	case *paxos.Pull:
		to = appendUint(appendEnvelope(to, kindPull, tag), b.First)
		return appendBool(to, b.IDsOnly)
	case *paxos.Settled:
		return appendSettled(appendEnvelope(to, kindSettled, tag), b)
	case *paxos.Hello:
		return appendHello(to, tag, b)
	case *paxos.Propose:
		return appendPropose(appendEnvelope(to, kindPropose, tag), b)
	}
	panic(fmt.Sprintf("codec: %T is no kind of message", body))
}

// DecodeMessage reads a message. Its bytes and headers alias data, which nobody may write to afterwards.
// An error is an *Error. For an input of n bytes it allocates less than 8n bytes and 4 KiB.
//
// A Propose comes back with the instance alone in Reply.To: whoever received it puts the client's id,
// from the subject, before it.
func DecodeMessage(data []byte) (paxos.Tag, paxos.Body, error) {
	p := parser{data: data}
	k, tag := p.envelope()
	body := p.body(k)
	if err := p.end(); err != nil {
		return paxos.Tag{}, nil, err
	}
	return tag, body, nil
}

// envelope takes what every message begins with. Kind 0 stands for an error.
func (p *parser) envelope() (k kind, tag paxos.Tag) {
	count := p.array()
	p.version()
	k = kind(p.uint())
	if k >= kind(len(messageFields)) || messageFields[k] == 0 {
		p.fail(ReasonKind)
		return 0, tag
	}
	if count != envelopeFields+messageFields[k] {
		p.fail(ReasonArity)
		return 0, tag
	}
	p.fixed(tag[:])
	return k, tag
}

// version takes the version. What follows a later one cannot be known, and is not looked at.
func (p *parser) version() {
	version := p.uint()
	if version > Version {
		p.fail(ReasonVersion)
		p.err.Version = version
	}
	if version < Version {
		p.fail(ReasonRange)
	}
}

func (p *parser) body(k kind) paxos.Body {
	switch k {
	case kindPrepare:
		return &paxos.Prepare{Ballot: p.ballot(), First: p.firstSlot()}
	case kindPromise:
		return p.promise()
	case kindAccept:
		return &paxos.Accept{Ballot: p.ballot(), Chosen: p.slot(), Reached: p.reached(), Run: p.run()}
	case kindAccepted:
		return &paxos.Accepted{Ballot: p.ballot(), Boot: p.uint(), Sequence: p.uint(), Span: p.span()}
	case kindChosen:
		return &paxos.Chosen{Ballot: p.ballot(), Through: p.slot()}
	case kindPreempted:
		return &paxos.Preempted{Ballot: p.ballot(), By: p.ballot()}
	case kindStop:
		return &paxos.Stop{Ballot: p.ballot()}
	case kindPull:
		return &paxos.Pull{First: p.firstSlot(), IDsOnly: p.bool()}
	case kindSettled:
		return p.settled()
	case kindHello:
		return p.hello()
	case kindPropose:
		return p.propose()
	}
	p.fail(ReasonKind) // outcomes, which are no body of the protocol
	return nil
}

func appendPromise(to []byte, b *paxos.Promise) []byte {
	to = appendBallot(to, b.Ballot)
	to = appendUint(appendUint(to, b.Boot), b.Sequence)
	to = appendUint(to, b.Settled)
	to = appendUint(appendUint(to, b.First), b.Last)
	to = appendArray(to, len(b.Proposals))
	for i := range b.Proposals {
		to = appendProposal(to, &b.Proposals[i])
	}
	return to
}

func (p *parser) promise() *paxos.Promise {
	b := &paxos.Promise{
		Ballot: p.ballot(), Boot: p.uint(), Sequence: p.uint(), Settled: p.slot(),
		First: p.firstSlot(), Last: p.slot(),
	}
	if b.Last != 0 && b.Last < b.First {
		p.fail(ReasonRange)
	}
	b.Proposals = p.proposals()
	return b
}

// appendSettled leaves out of the values what does not belong into a page of ids only.
func appendSettled(to []byte, b *paxos.Settled) []byte {
	to = appendUint(appendUint(to, b.Through), b.Trimmed)
	to = appendBool(to, b.IDsOnly)
	if !b.IDsOnly {
		return appendRun(to, b.Run)
	}
	to = appendArray(appendUint(to, b.Run.First), len(b.Run.Values))
	for i := range b.Run.Values {
		v := &b.Run.Values[i]
		to = appendValue(to, &paxos.Value{Kind: v.Kind, ID: v.ID})
	}
	return to
}

// settled takes a page of settled values. Of ids only, its values have nothing else.
func (p *parser) settled() *paxos.Settled {
	b := &paxos.Settled{Through: p.slot(), Trimmed: p.slot(), IDsOnly: p.bool(), Run: p.run()}
	if !b.IDsOnly {
		return b
	}
	for i := range b.Run.Values {
		v := &b.Run.Values[i]
		if v.Time != 0 || len(v.Data) > 0 || len(v.Headers) > 0 {
			p.fail(ReasonLength)
			break
		}
	}
	return b
}
