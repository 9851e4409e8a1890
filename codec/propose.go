package codec

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/synod-log/synod/paxos"
)

const instanceBytes = 8

// appendPropose appends the fields instance, number and values. A proposal that wants no answer has an
// empty instance.
func appendPropose(to []byte, b *paxos.Propose) []byte {
	if !b.Reply.Client {
		to = appendBin(to, "")
		return appendValues(appendUint(to, uint64(0)), b.Values)
	}
	var instance [instanceBytes]byte
	tail := b.Reply.To[strings.LastIndexByte(b.Reply.To, '.')+1:]
	if !isInstance(tail) {
		panic(fmt.Sprintf("codec: %q does not end in an instance of a client, 16 digits in hex", b.Reply.To))
	}
	for i := range instance {
		instance[i] = digit(tail[2*i])<<4 | digit(tail[2*i+1])
	}
	to = appendBin(to, instance[:])
	return appendValues(appendUint(to, b.Reply.Number), b.Values)
}

func (p *parser) propose() *paxos.Propose {
	b := &paxos.Propose{Reply: p.reply(), Values: p.values()}
	if len(b.Values) == 0 {
		p.fail(ReasonLength)
	}
	if b.Reply.Number > MaxNumber-uint64(len(b.Values)) {
		p.fail(ReasonRange)
	}
	for i := range b.Values {
		if b.Values[i].Kind == paxos.KindNoop {
			p.fail(ReasonKind) // nobody but a leader fills slots
			break
		}
	}
	return b
}

// reply takes the instance of a client library and a number, or nothing and 0.
func (p *parser) reply() paxos.Reply {
	instance, number := p.bin(), p.uint()
	switch {
	case len(instance) == instanceBytes:
		return paxos.Reply{Client: true, To: hex.EncodeToString(instance), Number: number}
	case len(instance) != 0:
		p.fail(ReasonLength)
	case number != 0:
		p.fail(ReasonForm)
	}
	return paxos.Reply{}
}

// isInstance reports whether s is eight bytes in lower-case hex.
func isInstance(s string) bool {
	if len(s) != 2*instanceBytes {
		return false
	}
	for i := range len(s) {
		if !('0' <= s[i] && s[i] <= '9' || 'a' <= s[i] && s[i] <= 'f') {
			return false
		}
	}
	return true
}

func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}
