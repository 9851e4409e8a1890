package codec

import (
	"github.com/vmihailenco/msgpack/v5"

	"github.com/synod-log/synod/paxos"
)

// tree is a msgpack array as the library takes it: its elements are uint64, bool, string, []byte (never
// nil) and tree.
type tree = []any

// appendTree appends what is said or saved once in a while: hellos, and the records of an acceptor's
// beginnings. The library takes microseconds where appending by hand takes nanoseconds, which
// only the messages and records that come with every run are worth.
func appendTree(to []byte, t tree) []byte {
	written := writer(to)
	encoder := msgpack.GetEncoder()
	defer msgpack.PutEncoder(encoder)
	encoder.Reset(&written)
	encoder.UseCompactInts(true)
	if err := encoder.Encode(t); err != nil {
		panic("codec: " + err.Error()) // memory takes every write, and the library knows these types
	}
	return written
}

// writer appends what is written to it.
type writer []byte

func (w *writer) Write(bytes []byte) (int, error) {
	*w = append(*w, bytes...)
	return len(bytes), nil
}

func ballotTree(b paxos.Ballot) tree {
	if b.IsZero() {
		return tree{}
	}
	return tree{b.Round, b.Proposer, b.Start[:]}
}

// membershipTree is empty where there is no membership.
func membershipTree(m *paxos.Membership) tree {
	if m == nil {
		return tree{}
	}
	members := make(tree, len(m.Members))
	for i, member := range m.Members {
		members[i] = tree{member.ID, member.Store[:]}
	}
	return tree{m.Epoch, members}
}
