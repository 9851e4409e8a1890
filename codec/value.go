package codec

import (
	"encoding/binary"
	"math"

	"github.com/synod-log/synod/paxos"
)

const (
	timeBytes   = 8
	idBytes     = 1 + 16 // the kind of the id, and the id
	leastValue  = 12     // bytes of a no-op
	leastHeader = 5      // bytes of a header with a name of one byte and no value

	noopFields   = 2 // kind, time
	valueFields  = 4 // kind, time, id, data
	headerFields = 1 // and the headers, where there are any
)

// appendValue appends [kind, time], or [kind, time, id, data], or [kind, time, id, data, headers].
//
// The time has a fixed width, so that no value is short on the wire and large in memory: what a message
// of nothing but no-ops makes its receiver allocate is bounded with everything else.
func appendValue(to []byte, v *paxos.Value) []byte {
	fields := noopFields
	if v.Kind != paxos.KindNoop {
		fields = valueFields
	}
	if fields == valueFields && len(v.Headers) > 0 {
		fields += headerFields
	}
	to = append(to, fixArray|byte(fields), byte(v.Kind), bin8, timeBytes)
	to = binary.BigEndian.AppendUint64(to, uint64(v.Time))
	if fields == noopFields {
		return to
	}
	if v.ID.Kind == paxos.IDNone {
		to = append(to, bin8, 0)
	} else {
		to = append(to, bin8, idBytes, byte(v.ID.Kind))
		to = append(to, v.ID.Bytes[:]...)
	}
	to = appendBin(to, v.Data)
	if len(v.Headers) > 0 {
		to = appendHeaders(to, v.Headers)
	}
	return to
}

func appendHeaders(to []byte, headers []paxos.Header) []byte {
	to = appendArray(to, len(headers))
	for _, h := range headers {
		to = appendArray(to, 2)
		to = appendText(to, h.Name)
		to = appendBin(to, h.Value)
	}
	return to
}

// value takes a value into v, which must be zero. Its bytes and headers alias the input.
func (p *parser) value(v *paxos.Value) {
	const fixedPart = 4 // heads of the array and the time, and the kind between
	front := p.take(fixedPart + timeBytes)
	if front == nil {
		return
	}
	if front[0]&0xf0 != fixArray || front[2] != bin8 || front[3] != timeBytes {
		p.fail(ReasonType)
		return
	}
	v.Kind = paxos.Kind(front[1])
	v.Time = int64Of(front[fixedPart:])
	switch fields := int(front[0] & 0x0f); v.Kind {
	case paxos.KindNoop:
		if fields != noopFields {
			p.fail(ReasonArity)
		}
	case paxos.KindValue:
		if fields != valueFields && fields != valueFields+headerFields {
			p.fail(ReasonArity)
			return
		}
		p.valueID(&v.ID)
		if data := p.bin(); len(data) > 0 {
			v.Data = data
		}
		if fields != valueFields {
			v.Headers = p.headers()
		}
	default:
		p.fail(ReasonKind)
	}
}

// valueID takes an id: nothing, or its kind and sixteen bytes.
func (p *parser) valueID(id *paxos.ID) {
	bytes := p.bin()
	switch {
	case len(bytes) == 0:
		return
	case len(bytes) != idBytes:
		p.fail(ReasonLength)
		return
	}
	id.Kind = paxos.IDKind(bytes[0])
	id.Bytes = [16]byte(bytes[1:])
	if id.Kind != paxos.IDClient && id.Kind != paxos.IDReply {
		p.fail(ReasonKind)
	}
}

func (p *parser) headers() []paxos.Header {
	count := p.list(leastHeader, math.MaxInt)
	if count == 0 {
		p.fail(ReasonForm) // where there are none, the field is left out
		return nil
	}
	headers := make([]paxos.Header, count)
	for i := 0; i < count && p.element(leastHeader); i++ {
		p.tuple(2)
		name := p.text()
		if !isToken(name) {
			p.fail(ReasonForm)
		}
		headers[i] = paxos.Header{Name: alias(name), Value: alias(p.bin())}
	}
	return headers
}

// appendValues appends a list of values.
func appendValues(to []byte, values []paxos.Value) []byte {
	to = appendArray(to, len(values))
	for i := range values {
		to = appendValue(to, &values[i])
	}
	return to
}

// values takes a list of values. All share one slice.
func (p *parser) values() []paxos.Value {
	count := p.list(leastValue, math.MaxInt)
	if count == 0 {
		return nil
	}
	values := make([]paxos.Value, count)
	for i := 0; i < count && p.element(leastValue); i++ {
		p.value(&values[i])
	}
	return values
}

// appendRun appends two fields: the first slot, and the values.
func appendRun(to []byte, r paxos.Run) []byte {
	return appendValues(appendUint(to, r.First), r.Values)
}

// run takes a run whose slots are from 1 and at most MaxSlot. An empty one keeps its first slot, and
// may have none.
func (p *parser) run() paxos.Run {
	r := paxos.Run{First: p.slot(), Values: p.values()}
	if r.IsEmpty() {
		return r
	}
	if r.First == 0 || r.First > paxos.MaxSlot-paxos.Slot(len(r.Values)-1) {
		p.fail(ReasonRange)
	}
	return r
}

// fullRun takes a run that is not empty.
func (p *parser) fullRun() paxos.Run {
	r := p.run()
	if r.IsEmpty() {
		p.fail(ReasonLength)
	}
	return r
}
