package store

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/synod-log/synod/paxos"
)

const (
	// frameBytes is the size of a frame's head; its payload follows.
	frameBytes = 32

	// alignment is that of frames, in bytes.
	alignment = 8

	// maxPayload is the largest record that is saved or believed, in bytes.
	maxPayload = 1 << 30
)

// frame is one record in a segment, or a mark: a frame with no record.
type frame struct {
	at, end  int64  // in the segment, padding included
	sequence uint64 // of the record; a mark has that of the last record
	batch    uint64 // of a mark, the last one, which was synced
	index    uint32 // place in its batch, from 0
	count    uint32 // records of its batch; 0: a mark
	payload  []byte
}

func (f frame) isMark() bool { return f.count == 0 }

// isLast reports whether f, which is no mark, ends its batch.
func (f frame) isLast() bool { return f.index == f.count-1 }

// seal seeds the checksums of one segment's frames with its store and number, and each frame's with
// its position: a frame that is old, or in the wrong place, is no frame.
type seal uint32

func newSeal(store paxos.StoreID, number uint64) seal {
	seed := binary.LittleEndian.AppendUint64(store[:], number)
	return seal(crc32.Checksum(seed, castagnoli))
}

// checksum is that of a frame, padding included, at a position; its own four bytes do not count.
func (s seal) checksum(data []byte, position int64) uint32 {
	var place [12]byte
	binary.LittleEndian.PutUint64(place[:], uint64(position))
	copy(place[8:], data[:4])
	sum := crc32.Update(uint32(s), castagnoli, place[:])
	return crc32.Update(sum, castagnoli, data[8:])
}

// close fills the head of a frame whose payload and padding are in place.
func (s seal) close(data []byte, f frame) {
	little := binary.LittleEndian
	little.PutUint32(data, uint32(len(f.payload)))
	little.PutUint64(data[8:], f.sequence)
	little.PutUint64(data[16:], f.batch)
	little.PutUint32(data[24:], f.index)
	little.PutUint32(data[28:], f.count)
	little.PutUint32(data[4:], s.checksum(data, f.at))
}

// open returns the frame at the start of data, which lies at a position of the segment, if there is a
// whole and unchanged one. The payload is a part of data.
func (s seal) open(data []byte, position int64) (frame, bool) {
	if len(data) < frameBytes {
		return frame{}, false
	}
	little := binary.LittleEndian
	length := int64(little.Uint32(data))
	whole := padded(frameBytes + length)
	if length > maxPayload || whole > int64(len(data)) {
		return frame{}, false
	}
	f := frame{
		at: position, end: position + whole,
		sequence: little.Uint64(data[8:]),
		batch:    little.Uint64(data[16:]),
		index:    little.Uint32(data[24:]),
		count:    little.Uint32(data[28:]),
		payload:  data[frameBytes : frameBytes+length],
	}
	isRecord := f.index < f.count && length > 0
	isMark := f.count == 0 && f.index == 0 && length == 0
	if !isRecord && !isMark || f.batch == 0 {
		return frame{}, false
	}
	if little.Uint32(data[4:]) != s.checksum(data[:whole], position) {
		return frame{}, false
	}
	return f, true
}

// frameSize is the size of the frame at the start of data, padding included, if there is one.
func frameSize(data []byte) int64 {
	if len(data) < frameBytes {
		return frameBytes
	}
	return padded(frameBytes + int64(binary.LittleEndian.Uint32(data)))
}

// padded is a number of bytes rounded up to whole alignments.
func padded(n int64) int64 { return (n + alignment - 1) &^ (alignment - 1) }
