package store

import (
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// maxKept is how much memory a batch keeps for the next one, in bytes.
const maxKept = 16 << 20

// batch is records on their way to disk in one write. No batch spans segments.
type batch struct {
	data    []byte
	records []paxos.Record
	places  []framePlace // of each record's frame
}

// framePlace is where in a batch's data a frame lies. Its payload ends before the padding.
type framePlace struct{ from, payloadEnd, to int64 }

func (b *batch) size() int64 { return int64(len(b.data)) }

// add appends a record's frame, the head of which stays empty until close. It returns the frame's size.
func (b *batch) add(record paxos.Record) int64 {
	var zeros [frameBytes]byte
	at := framePlace{from: b.size()}
	b.data = codec.AppendRecord(append(b.data, zeros[:]...), record)
	at.payloadEnd = b.size()
	at.to = padded(at.payloadEnd)
	b.data = append(b.data, zeros[:at.to-at.payloadEnd]...)
	b.records = append(b.records, record)
	b.places = append(b.places, at)
	return at.to - at.from
}

// drop takes the last record away again.
func (b *batch) drop() {
	last := len(b.records) - 1
	b.data = b.data[:b.places[last].from]
	b.records, b.places = b.records[:last], b.places[:last]
}

// close fills the frames' heads, for a batch of this number that is to be written at the end of a
// segment, after the record of this sequence. It returns what is to be written: the batch, and zeros
// over what it would leave of a mark that it does not wholly cover.
func (b *batch) close(to *segment, sequence, number uint64) []byte {
	for i, at := range b.places {
		to.seal.close(b.data[at.from:at.to], frame{
			at:       to.at + at.from,
			sequence: sequence + uint64(i) + 1,
			batch:    number,
			index:    uint32(i),
			count:    uint32(len(b.places)),
			payload:  b.data[at.from+frameBytes : at.payloadEnd],
		})
	}
	var zeros [frameBytes]byte
	mark, end := markPlace(to.at), to.at+b.size()
	if end <= mark || end >= mark+frameBytes {
		return b.data
	}
	return append(b.data, zeros[:mark+frameBytes-end]...)
}

// reset empties the batch.
func (b *batch) reset() {
	if cap(b.data) > maxKept {
		b.data = nil
	}
	clear(b.records)
	b.data, b.records, b.places = b.data[:0], b.records[:0], b.places[:0]
}
