package codec

import (
	"math"

	"github.com/synod-log/synod/paxos"
)

const (
	outcomeFields = 7
	leastOutcome  = 9       // bytes: every code takes two and more
	mostMore      = 1 << 16 // proposals that one outcome answers besides the first
	mostRetry     = 1 << 16 // ticks
)

// AppendOutcomes appends one message with outcomes of proposals of one instance of the client library.
// Where they go is in the subject: of each Reply only Number travels.
func AppendOutcomes(to []byte, tag paxos.Tag, outcomes []paxos.Outcome) []byte {
	to = appendEnvelope(to, kindOutcomes, tag)
	to = appendArray(to, len(outcomes))
	for i := range outcomes {
		o := &outcomes[i]
		to = appendArray(to, outcomeFields)
		to = appendUint(to, o.Reply.Number)
		to = appendUint(to, uint64(o.More))
		to = appendUint(to, uint64(o.Code))
		to = appendUint(to, o.Slot)
		to = appendBool(to, o.Duplicate)
		to = appendText(to, o.Why)
		to = appendUint(to, uint64(o.Retry))
	}
	return to
}

// DecodeOutcomes reads what AppendOutcomes wrote. Each Reply has its Number and nothing else. Texts
// alias data. For an input of n bytes it allocates less than 12n bytes and 4 KiB.
func DecodeOutcomes(data []byte) (paxos.Tag, []paxos.Outcome, error) {
	p := parser{data: data}
	k, tag := p.envelope()
	if k != kindOutcomes {
		p.fail(ReasonKind)
	}
	outcomes := p.outcomes()
	if err := p.end(); err != nil {
		return paxos.Tag{}, nil, err
	}
	return tag, outcomes, nil
}

func (p *parser) outcomes() []paxos.Outcome {
	count := p.list(leastOutcome, math.MaxInt)
	if count == 0 {
		p.fail(ReasonLength)
		return nil
	}
	outcomes := make([]paxos.Outcome, count)
	for i := 0; i < count && p.element(leastOutcome); i++ {
		p.outcome(&outcomes[i])
	}
	return outcomes
}

// outcome takes an outcome: chosen ones have a slot, the others have none and may have a time to come back. A code that this version does
// not know is passed on: it means what all but chosen mean.
func (p *parser) outcome(o *paxos.Outcome) {
	p.tuple(outcomeFields)
	o.Reply.Number = p.uint()
	more, code := p.uint(), p.uint()
	if more > mostMore || code < 1<<7 || code > math.MaxUint16 {
		p.fail(ReasonRange)
	}
	o.More, o.Code = int(more), paxos.OutcomeCode(code)
	o.Slot = p.slot()
	o.Duplicate = p.bool()
	o.Why = alias(p.text())
	retry := p.uint()
	isChosen := o.Code == paxos.OutcomeChosen
	if isChosen != (o.Slot != 0) || o.Slot > paxos.MaxSlot-paxos.Slot(more) ||
		retry > mostRetry || isChosen && retry != 0 {
		p.fail(ReasonRange)
	}
	o.Retry = int(retry)
}
