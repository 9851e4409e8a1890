package paxos

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
)

// Ballot numbers one attempt of one proposer to have values chosen [PMS §2.2].
//
// Ballots are totally ordered: by round, then proposer, then start. No two attempts share one: a
// proposer raises the round for each of its attempts, and draws Start anew each time its process
// starts, so that it needs no disk to avoid a ballot it used before. The zero ballot is below all
// others and belongs to nobody.
type Ballot struct {
	Round    uint64
	Proposer string
	Start    Nonce
}

// Nonce is eight random bytes that tell one start of a process from another.
type Nonce [8]byte

// Compare returns −1, 0 or +1 as b is below, equal to or above other.
func (b Ballot) Compare(other Ballot) int {
	if c := cmp.Compare(b.Round, other.Round); c != 0 {
		return c
	}
	if c := strings.Compare(b.Proposer, other.Proposer); c != 0 {
		return c
	}
	return bytes.Compare(b.Start[:], other.Start[:])
}

// Less reports whether b is below other.
func (b Ballot) Less(other Ballot) bool { return b.Compare(other) < 0 }

// IsZero reports whether b is the ballot that belongs to nobody.
func (b Ballot) IsZero() bool { return b == Ballot{} }

// String is round and proposer, as people see a ballot: "7.p1".
func (b Ballot) String() string {
	if b.IsZero() {
		return "none"
	}
	return fmt.Sprintf("%d.%s", b.Round, b.Proposer)
}

// MaxRoundLeap is how far above its own round an acceptor lets a ballot be. A damaged or hostile
// number must not use the rounds up.
const MaxRoundLeap = 1 << 20
