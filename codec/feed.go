package codec

import (
	"strconv"
	"strings"

	"github.com/synod-log/synod/paxos"
)

// The headers of messages that carry a chosen value to the world, on the feed and in answers to reads, and
// what they may say.
const (
	HeaderLog    = "Synod-Log"
	HeaderSlot   = "Synod-Slot"
	HeaderTime   = "Synod-Time"   // RFC 3339, microseconds: when the value was first proposed
	HeaderKind   = "Synod-Kind"   // only where there is no value: KindNoop
	HeaderStatus = "Synod-Status" // ends an answer: StatusEnd, StatusTrimmed or StatusError
	HeaderNext   = "Synod-Next"   // of StatusEnd: the slot to go on at
	HeaderFirst  = "Synod-First"  // of StatusTrimmed: the first slot that there still is

	KindNoop      = "noop"
	StatusEnd     = "end"
	StatusTrimmed = "trimmed"
	StatusError   = "error"

	// TimeFormat is how HeaderTime is written, in UTC.
	TimeFormat = "2006-01-02T15:04:05.000000Z07:00"
)

// ParseSlot reads a slot from a header: decimal digits without a sign or leading zero, from 1 to
// paxos.MaxSlot.
func ParseSlot(text string) (paxos.Slot, bool) {
	if text == "" || text[0] < '1' || text[0] > '9' {
		return 0, false
	}
	slot, err := strconv.ParseUint(text, 10, 64)
	return paxos.Slot(slot), err == nil && paxos.Slot(slot) <= paxos.MaxSlot
}

// IsOwnHeader reports whether a proposal's header belongs to its value. The others are dropped: they steer
// NATS or Synod, or would stop whoever reads the feed.
func IsOwnHeader(name string) bool {
	return IsHeaderName(name) && !hasPrefixFold(name, "Nats-") && !hasPrefixFold(name, "Synod-") &&
		!strings.EqualFold(name, "Status") && !strings.EqualFold(name, "Description")
}

func hasPrefixFold(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
