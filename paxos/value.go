package paxos

import (
	"crypto/sha256"
	"encoding/binary"
)

// Slot is a position in the log, from 1. Each slot is one instance of Paxos.
type Slot uint64

// MaxSlot is the highest slot there can be. Spans above it are refused, so that slots never
// overflow.
const MaxSlot Slot = 1 << 62

// Kind says what a value is. Kinds this version does not know are refused when decoded.
type Kind uint8

const (
	// KindNoop fills a slot that no proposal needs. It carries nothing.
	KindNoop Kind = iota
	// KindValue is a value that somebody proposed.
	KindValue
)

// IDKind says what an ID was made from. IDs of different kinds are never equal.
type IDKind uint8

const (
	// IDNone marks a value sent once, which is never held and has no duplicate.
	IDNone IDKind = iota
	// IDClient marks an id that the client gave, or its library drew. A value whose id of this kind
	// is known is not chosen again.
	IDClient
	// IDReply marks an id made of the reply subject and payload. It only pairs a held proposal with
	// a value seen proposed; it never makes a duplicate, since reply subjects repeat.
	IDReply
)

// ID names a proposal, so that a repetition is known as one. It is comparable.
type ID struct {
	Kind  IDKind
	Bytes [16]byte
}

// ClientID returns the id for a string that a client gave: the first 16 bytes of its SHA-256.
func ClientID(given string) ID {
	return ID{Kind: IDClient, Bytes: first16(sha256.Sum256([]byte(given)))}
}

// ReplyID returns the id of a proposal that has only a reply subject to be known by: the first 16
// bytes of SHA-256 over the subject's length, the subject and the payload.
func ReplyID(reply string, payload []byte) ID {
	hash := sha256.New()
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(reply)))
	hash.Write(length[:])
	hash.Write([]byte(reply))
	hash.Write(payload)
	return ID{Kind: IDReply, Bytes: first16([32]byte(hash.Sum(nil)))}
}

func first16(sum [32]byte) [16]byte { return [16]byte(sum[:16]) }

// Header is one header field that a client sent with its proposal.
type Header struct {
	Name  string
	Value string
}

// Value is what a slot holds. Data and Headers are opaque to the protocol and never changed once a
// Value is made, so that copies share them.
type Value struct {
	Kind    Kind
	ID      ID
	Time    int64 // microseconds since 1970 when first proposed: informational, decides nothing
	Headers []Header
	Data    []byte
}

// Noop is the value that fills an unwanted slot.
func Noop() Value { return Value{Kind: KindNoop} }

// valueOverhead is what a value weighs beside its bytes, in memory and on the wire, at most.
const valueOverhead = 64

// Size is the number of bytes that v counts for wherever bytes are bounded. It is above what v
// takes on the wire.
func (v Value) Size() int {
	size := valueOverhead + len(v.Data)
	for _, h := range v.Headers {
		size += len(h.Name) + len(h.Value) + 8
	}
	return size
}

// Equal reports whether v and other are the same value: kind, id, headers and bytes. A chosen value
// keeps the time it was first proposed with, so times are equal too.
func (v Value) Equal(other Value) bool {
	if v.Kind != other.Kind || v.ID != other.ID || v.Time != other.Time ||
		string(v.Data) != string(other.Data) || len(v.Headers) != len(other.Headers) {
		return false
	}
	for i, h := range v.Headers {
		if h != other.Headers[i] {
			return false
		}
	}
	return true
}
