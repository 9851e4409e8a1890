package client

import (
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// Entry is one slot of the log.
type Entry struct {
	Slot  uint64
	Value []byte
	// Header is what the value was proposed with; nil: nothing.
	Header nats.Header
	// Time is when the value was first proposed, by that proposer's clock. It decides nothing.
	Time time.Time
	// Noop: the slot holds no value. Where a leader died, its successor may fill a slot so.
	Noop bool
}

// entryOf makes an entry of a message of the feed, or of an answer to a read, that has a slot.
func entryOf(msg *nats.Msg, log string) Entry {
	slot, _ := slotOf(msg, log)
	entry := Entry{Slot: uint64(slot), Value: msg.Data, Noop: msg.Header.Get(codec.HeaderKind) == codec.KindNoop}
	// One that cannot be read is no reason to stop: it is informational.
	entry.Time, _ = time.Parse(time.RFC3339Nano, msg.Header.Get(codec.HeaderTime))
	for name, values := range msg.Header {
		if codec.IsOwnHeader(name) {
			if entry.Header == nil {
				entry.Header = make(nats.Header)
			}
			entry.Header[name] = values
		}
	}
	return entry
}

// slotOf returns the slot of a message that carries one of a log.
func slotOf(msg *nats.Msg, log string) (paxos.Slot, bool) {
	if msg.Header.Get(codec.HeaderLog) != log {
		return 0, false
	}
	return codec.ParseSlot(msg.Header.Get(codec.HeaderSlot))
}

// entryOfValue makes an entry of a value that was learned here.
func entryOfValue(slot paxos.Slot, value *paxos.Value) Entry {
	if value.Kind == paxos.KindNoop {
		return Entry{Slot: uint64(slot), Noop: true}
	}
	entry := Entry{Slot: uint64(slot), Value: value.Data, Time: time.UnixMicro(value.Time).UTC()}
	for _, own := range value.Headers {
		if entry.Header == nil {
			entry.Header = make(nats.Header)
		}
		entry.Header[own.Name] = append(entry.Header[own.Name], own.Value)
	}
	return entry
}
