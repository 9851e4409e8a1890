package paxos

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// StoreID names an acceptor's store: sixteen random bytes made with its data directory. An acceptor
// that lost its store has another one, and is no longer the member it was.
type StoreID [16]byte

// String is the id's first four bytes in hex, as people see it.
func (s StoreID) String() string { return hex.EncodeToString(s[:4]) }

// Member is an acceptor and the store it votes from.
type Member struct {
	ID    string
	Store StoreID
}

// Membership is the acceptors whose votes count, sorted by id, no id twice. It is never changed:
// another epoch is another membership.
type Membership struct {
	Epoch   uint64
	Members []Member
}

// MaxMembers is the most acceptors that a membership may have.
const MaxMembers = 31

// Tag is a membership's fingerprint. Every message of the protocol carries it, and one with another
// tag has no effect. The zero Tag is no membership's.
type Tag [8]byte

// String is the tag in hex.
func (t Tag) String() string { return hex.EncodeToString(t[:]) }

// IsZero reports whether t is no membership's tag.
func (t Tag) IsZero() bool { return t == Tag{} }

// Quorum is how many members make a quorum: more than half, so that any two quorums share one [PMS
// §2.1].
func (m Membership) Quorum() int { return len(m.Members)/2 + 1 }

// Member returns the member with this id.
func (m Membership) Member(id string) (Member, bool) {
	for _, member := range m.Members {
		if member.ID == id {
			return member, true
		}
	}
	return Member{}, false
}

// Equal reports whether m and other are the same membership.
func (m Membership) Equal(other Membership) bool {
	return m.Epoch == other.Epoch && slices.Equal(m.Members, other.Members)
}

// IDs returns the members' ids, sorted.
func (m Membership) IDs() []string {
	ids := make([]string, len(m.Members))
	for i, member := range m.Members {
		ids[i] = member.ID
	}
	return ids
}

// String names the members and the first bytes of their stores: "a1(7f3a0c11), a2(…)".
func (m Membership) String() string {
	parts := make([]string, len(m.Members))
	for i, member := range m.Members {
		parts[i] = member.ID + "(" + member.Store.String() + ")"
	}
	return strings.Join(parts, ", ")
}

// Tag returns the fingerprint of m in the named log: the first eight bytes of SHA-256 over the
// msgpack array [log, epoch, [[id, store], …]], members sorted by id.
func (m Membership) Tag(log string) Tag {
	members := slices.Clone(m.Members)
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.ID, b.ID) })
	packed := packString([]byte{0x93}, log)
	packed = packUint(packed, m.Epoch)
	packed = append(packed, 0xdc, byte(len(members)>>8), byte(len(members)))
	if len(members) < 16 {
		packed = append(packed[:len(packed)-3], 0x90|byte(len(members)))
	}
	for _, member := range members {
		packed = packString(append(packed, 0x92), member.ID)
		packed = append(packed, 0xc4, byte(len(member.Store)))
		packed = append(packed, member.Store[:]...)
	}
	sum := sha256.Sum256(packed)
	return Tag(sum[:8])
}

// packString appends s, of at most 255 bytes, as a msgpack string in its shortest form.
func packString(to []byte, s string) []byte {
	if len(s) < 32 {
		return append(append(to, 0xa0|byte(len(s))), s...)
	}
	return append(append(to, 0xd9, byte(len(s))), s...)
}

// packUint appends n as a msgpack integer in its shortest form.
func packUint(to []byte, n uint64) []byte {
	switch {
	case n < 1<<7:
		return append(to, byte(n))
	case n < 1<<8:
		return append(to, 0xcc, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(to, 0xcd), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(to, 0xce), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(to, 0xcf), n)
}
