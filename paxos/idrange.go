package paxos

import "encoding/binary"

// blockIDs is how many ids that follow each other are kept as one.
const blockIDs = 256

// idBlock is client ids that differ in the last byte alone.
type idBlock struct {
	high, low uint64 // low without its last byte
}

// idRange is client ids of one block that follow each other: the last eight bytes, as a number, are
// one more each. The client library numbers what it sends so, and with that what is known of ids costs
// little for each; ids made in any other way are ranges of one.
type idRange struct {
	high, low uint64 // the first
	count     int
}

// parts are the id's bytes as two numbers.
func (id ID) parts() (high, low uint64) {
	return binary.BigEndian.Uint64(id.Bytes[:8]), binary.BigEndian.Uint64(id.Bytes[8:])
}

func blockOf(id ID) idBlock {
	high, low := id.parts()
	return idBlock{high: high, low: low / blockIDs}
}

// rangeOf is the client ids of the first values, as many as are one range. The first value has one.
func rangeOf(values []Value) idRange {
	high, low := values[0].ID.parts()
	most := min(len(values), int(blockIDs-low%blockIDs))
	count := 1
	for count < most && values[count].ID.Kind == IDClient {
		if h, l := values[count].ID.parts(); h != high || l != low+uint64(count) {
			break
		}
		count++
	}
	return idRange{high: high, low: low, count: count}
}

func (r idRange) block() idBlock { return idBlock{high: r.high, low: r.low / blockIDs} }

// find returns how many ids of r, which is of the id's block, come before it.
func (r idRange) find(id ID) (int, bool) {
	_, low := id.parts()
	return int(low - r.low), low >= r.low && low-r.low < uint64(r.count)
}

// overlaps reports whether r and other, which are of one block, have an id in common.
func (r idRange) overlaps(other idRange) bool {
	return r.low < other.low+uint64(other.count) && other.low < r.low+uint64(r.count)
}

// from is r without its first n ids.
func (r idRange) from(n int) idRange {
	return idRange{high: r.high, low: r.low + uint64(n), count: r.count - n}
}

// first is the first n ids of r.
func (r idRange) first(n int) idRange { return idRange{high: r.high, low: r.low, count: n} }
