package store

import (
	"bytes"

	"github.com/synod-log/synod/paxos"
)

// InForeground makes a store do in the call what it otherwise does in the background, so that a run
// has the same operations in the same order each time. It reads small pieces, so that batches span them.
func InForeground(o Options) Options {
	o.run = func(f func()) { f() }
	o.piece = 256
	return o
}

// InBackground undoes InForeground.
func InBackground(o Options) Options {
	o.run = inBackground
	return o
}

// HeaderBytes and FrameBytes are the sizes of what is around records.
const (
	HeaderBytes = headerBytes
	FrameBytes  = frameBytes
)

// Refused names the file and the operation of an error of the operating system.
var Refused = refused

// Reseal makes a frame's checksum right for where it is, so that a test can forge frames.
func Reseal(data []byte, id paxos.StoreID, segment uint64, position int64) {
	s := newSeal(id, segment)
	sum := s.checksum(data, position)
	for i := range 4 {
		data[4+i] = byte(sum >> (8 * i))
	}
}

// EncodeHeader returns a header as it is on disk, of a segment with nothing before it.
func EncodeHeader(log, acceptor string, id paxos.StoreID, number uint64, size int64) []byte {
	block, err := header{log: log, acceptor: acceptor, store: id, number: number, size: size}.encode()
	if err != nil {
		panic(err)
	}
	return block
}

// Entries is how many entries a store's index has.
func (s *Store) Entries() int {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return len(s.state.index.chunks) + len(s.state.index.tail)
}

// LastBatch is where in a segment's bytes the last whole batch lies, and where its mark begins.
func LastBatch(data []byte) (from, end, mark int64) {
	h, err := decodeHeader("", data)
	if err != nil {
		panic(err)
	}
	r := recovery{
		source: source{file: bytes.NewReader(data), size: int64(len(data))},
		header: h, restore: func(paxos.Record) {}, state: state{standing: h.base},
	}
	if err := r.batches(true); err != nil {
		panic(err)
	}
	return r.lastBatch, r.end, markPlace(r.end)
}
