package codec

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"

	"github.com/synod-log/synod/paxos"
)

// MaxNumber is the highest number that is decoded, whatever it counts. Adding a few to it, or the length
// of a run, overflows nowhere.
const MaxNumber = uint64(paxos.MaxSlot)

// parser reads msgpack of a known shape from its front. It takes each thing in its one form only.
//
// The first error ends it: nothing is left, so that everything read afterwards is zero, and err is what
// it says at the end. So callers read field after field, and look at err once.
//
// Nothing is allocated for elements that cannot be there. What is announced is reserved, at the least
// bytes that an element takes, and no byte is reserved twice, so that lists within lists cannot claim
// the same bytes: all that is allocated for an input stays below a multiple of its length.
type parser struct {
	data     []byte
	at       int
	reserved int
	err      *Error
}

func (p *parser) fail(reason Reason) {
	if p.err == nil {
		p.err = &Error{Reason: reason, Offset: p.at}
	}
	p.data, p.at = nil, 0
}

// end returns what went wrong, bytes left over included.
func (p *parser) end() error {
	if p.err == nil && p.at < len(p.data) {
		p.fail(ReasonTrailing)
	}
	if p.err != nil {
		return p.err // not returned when nil: an error holding a nil *Error is not nil
	}
	return nil
}

// head takes one byte.
func (p *parser) head() byte {
	if p.at >= len(p.data) {
		p.fail(ReasonTruncated)
		return 0
	}
	p.at++
	return p.data[p.at-1]
}

// take takes n bytes, which alias the input.
func (p *parser) take(n int) []byte {
	if n > len(p.data)-p.at {
		p.fail(ReasonTruncated)
		return nil
	}
	p.at += n
	return p.data[p.at-n : p.at : p.at]
}

// wide takes a number of so many bytes, which must not fit into fewer: it is at least least.
func (p *parser) wide(bytes int, least uint64) uint64 {
	var n uint64
	for _, b := range p.take(bytes) {
		n = n<<8 | uint64(b)
	}
	if n < least {
		p.fail(ReasonForm)
		return 0
	}
	return n
}

// uint takes a number, of at most MaxNumber.
func (p *parser) uint() uint64 {
	n := p.anyUint()
	if n > MaxNumber {
		p.fail(ReasonRange)
		return 0
	}
	return n
}

func (p *parser) anyUint() uint64 {
	switch head := p.head(); {
	case head < 1<<7:
		return uint64(head)
	case head == uint8s:
		return p.wide(1, 1<<7)
	case head == uint16s:
		return p.wide(2, 1<<8)
	case head == uint32s:
		return p.wide(4, 1<<16)
	case head == uint64s:
		return p.wide(8, 1<<32)
	}
	p.fail(ReasonType)
	return 0
}

func (p *parser) bool() bool {
	switch p.head() {
	case isTrue:
		return true
	case isFalse:
		return false
	}
	p.fail(ReasonType)
	return false
}

// array takes the head of an array.
func (p *parser) array() int {
	switch head := p.head(); {
	case head&0xf0 == fixArray:
		return int(head & 0x0f)
	case head == array16:
		return int(p.wide(2, 16))
	case head == array32:
		return int(p.wide(4, 1<<16))
	}
	p.fail(ReasonType)
	return 0
}

// tuple takes the head of an array of so many fields.
func (p *parser) tuple(fields int) {
	if p.array() != fields {
		p.fail(ReasonArity)
	}
}

// optional takes the head of an array of so many fields, or of an empty one, and reports which.
func (p *parser) optional(fields int) bool {
	switch p.array() {
	case 0:
		return false
	case fields:
		return true
	}
	p.fail(ReasonArity)
	return false
}

// list takes the head of a list of at most most elements, each of at least least bytes, and reserves
// these bytes. The caller calls element before it reads each.
func (p *parser) list(least, most int) int {
	count := p.array()
	if count > most {
		p.fail(ReasonLength)
		return 0
	}
	if count > (len(p.data)-p.at-p.reserved)/least {
		p.fail(ReasonTruncated)
		return 0
	}
	p.reserved += count * least
	return count
}

// element gives back what list reserved for one element, and reports whether there is any sense in
// reading it.
func (p *parser) element(least int) bool {
	p.reserved -= least
	return p.err == nil
}

// bin takes a byte string, which aliases the input.
func (p *parser) bin() []byte {
	switch p.head() {
	case bin8:
		return p.take(int(p.wide(1, 0)))
	case bin16:
		return p.take(int(p.wide(2, 1<<8)))
	case bin32:
		return p.take(int(p.wide(4, 1<<16)))
	}
	p.fail(ReasonType)
	return nil
}

// fixed takes a byte string into all of to.
func (p *parser) fixed(to []byte) {
	bytes := p.bin()
	if len(bytes) != len(to) {
		p.fail(ReasonLength)
		return
	}
	copy(to, bytes)
}

// text takes a string of UTF-8, as bytes that alias the input.
func (p *parser) text() []byte {
	var bytes []byte
	switch head := p.head(); {
	case head&0xe0 == fixText:
		bytes = p.take(int(head & 0x1f))
	case head == text8:
		bytes = p.take(int(p.wide(1, 32)))
	case head == text16:
		bytes = p.take(int(p.wide(2, 1<<8)))
	case head == text32:
		bytes = p.take(int(p.wide(4, 1<<16)))
	default:
		p.fail(ReasonType)
	}
	if !utf8.Valid(bytes) {
		p.fail(ReasonForm)
		return nil
	}
	return bytes
}

// id takes a worker's id. It is copied: ids are kept for long, and must not keep whole messages.
func (p *parser) id() string {
	bytes := p.text()
	if !isID(bytes) {
		p.fail(ReasonID)
		return ""
	}
	return string(bytes)
}

// alias is bytes as a string, without a copy. It holds as long as nobody writes to the input, which is
// what callers of the decoder promise.
func alias(bytes []byte) string { return unsafe.String(unsafe.SliceData(bytes), len(bytes)) }

func int64Of(bytes []byte) int64 { return int64(binary.BigEndian.Uint64(bytes)) }
