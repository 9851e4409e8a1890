package client

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/synod-log/synod/paxos"
)

// drawnIDs are the ids of proposals that come without one: the first is random, and each of the others
// follows the one before, since proposers keep what follows as one. That two clients draw some of the same is as
// unlikely as for ids that are random each.
type drawnIDs struct {
	high, low uint64
}

func drawIDs() drawnIDs { return drawnIDs{high: rand.Uint64(), low: rand.Uint64()} }

// of is the id of the value with a number.
func (d drawnIDs) of(number uint64) paxos.ID {
	id := paxos.ID{Kind: paxos.IDClient}
	binary.BigEndian.PutUint64(id.Bytes[:8], d.high)
	binary.BigEndian.PutUint64(id.Bytes[8:], d.low+number)
	return id
}
