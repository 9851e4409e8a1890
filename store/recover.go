package store

import (
	"bytes"
	"errors"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// recover reads all segments, each record once, and makes the last segment ready to be written.
func (s *Store) recover(segments []uint64, restore func(paxos.Record)) error {
	r := recovery{
		root: s.root, identify: s.identify, restore: restore, source: source{piece: s.options.piece},
	}
	if err := r.lookAhead(segments[len(segments)-1]); err != nil {
		return err
	}
	for i, number := range segments {
		if err := r.read(number, i == len(segments)-1); err != nil {
			return err
		}
	}
	if err := removeNext(s.root); err != nil {
		return err
	}
	s.id, s.state = r.header.store, r.state
	return s.resume(r)
}

// identify checks that the store is this acceptor's, of this log, and if so tells its id.
func (s *Store) identify(h header) error {
	if h.log != s.options.Log {
		return &IdentityError{Dir: s.dir, What: "log", Holds: h.log, Wanted: s.options.Log}
	}
	if h.acceptor != s.options.Acceptor {
		return &IdentityError{
			Dir: s.dir, What: "acceptor", Holds: h.acceptor, Wanted: s.options.Acceptor,
		}
	}
	s.options.Opened(h.store)
	return nil
}

// resume opens the last segment for writing. What a torn batch left is overwritten with zeros, so
// that none of it is ever taken for a later frame. The last whole batch is written once more: the
// process that wrote it may have been killed before its sync, or have seen that sync fail, and then
// it is perhaps only in the system's memory, which no longer knows that it must be written.
func (s *Store) resume(r recovery) error {
	name := segmentName(r.header.number)
	file, err := s.root.Open(name)
	if err != nil {
		return err
	}
	s.active = &segment{
		file: file, number: r.header.number, size: r.header.size, at: r.end,
		seal: newSeal(r.header.store, r.header.number),
	}
	if r.tornEnd > r.end {
		if _, err := file.WriteAt(make([]byte, r.tornEnd-r.end), r.end); err != nil {
			return refused("write", name, err)
		}
	}
	if err := put(file, name, r.lastData, r.lastBatch); err != nil {
		return err
	}
	if err := s.root.Sync(); err != nil {
		return err
	}
	return s.mark()
}

// recovery reads a store's segments, one after another.
type recovery struct {
	root     Root
	identify func(header) error // told the first header, before any record
	restore  func(paxos.Record)

	source source
	header header // of the segment read last
	state  state

	// settled is a slot through which all is settled when all is read, if all is right. Of what was
	// recorded for these slots nothing is kept.
	settled paxos.Slot

	// Of the segment read last: where its last whole batch begins; where its whole batches end; where
	// what a torn batch left ends, which is at end where there is none.
	lastBatch, end, tornEnd int64
	lastData                []byte // the last whole batch, in a segment that none follows
}

// lookAhead learns from the last segment's header what was settled before it. Where there is anything
// wrong with that header, it is said when the segment's turn comes, and nothing counts that was restored.
func (r *recovery) lookAhead(last uint64) error {
	h, err := r.readHeader(last)
	if isOurs(err) {
		return nil
	}
	r.settled = h.base.settled
	return err
}

func (r *recovery) readHeader(number uint64) (header, error) {
	file, err := r.source.open(r.root, segmentName(number))
	if err != nil {
		return header{}, err
	}
	h, err := r.source.header()
	return h, errors.Join(err, file.Close())
}

// read reads a segment. In all but the last everything was synced, so that nothing can be torn.
func (r *recovery) read(number uint64, isLast bool) error {
	file, err := r.source.open(r.root, segmentName(number))
	if err != nil {
		return err
	}
	return errors.Join(r.segment(number, isLast), file.Close())
}

func (r *recovery) segment(number uint64, isLast bool) error {
	h, err := r.source.header()
	if err != nil {
		return err
	}
	if err := r.check(number, h); err != nil {
		return err
	}
	r.header = h
	if err := r.batches(isLast); err != nil {
		return err
	}
	return r.judge(isLast)
}

// check checks that a segment is the one that follows what was read so far.
func (r *recovery) check(number uint64, h header) error {
	name, size, first := r.source.name, r.source.size, r.header.number == 0
	switch {
	case h.number != number:
		return damaged(name, atNumber, "this is segment %d", h.number)
	case size != h.size || h.size%alignment != 0:
		return damaged(name, size, "the file should have %d bytes", h.size)
	case !first && h.store != r.header.store:
		return damaged(name, atStore, "this is a segment of another store, %s", h.store)
	case !first && (h.log != r.header.log || h.acceptor != r.header.acceptor):
		return damaged(name, atLog, "this is a segment of acceptor %s of log %s", h.acceptor, h.log)
	case h.base != r.state.standing:
		return damaged(name, atSequence, "it goes on after record %d, "+
			"but record %d was the last before it", h.base.sequence, r.state.sequence)
	case first:
		return r.identify(h)
	}
	return nil
}

// batches takes in the segment's whole batches, and sets end behind the last.
func (r *recovery) batches(isLast bool) error {
	r.lastBatch, r.end, r.source.keep = headerBytes, headerBytes, headerBytes
	seal := newSeal(r.header.store, r.header.number)
	var frames []frame
	for at := r.end; ; {
		f, ok, err := r.source.frame(seal, at)
		if err != nil {
			return err
		}
		if !ok || f.isMark() || f.batch <= r.state.batch {
			return nil // for judge to say what it is
		}
		if err := r.follows(f, len(frames)); err != nil {
			return err
		}
		frames = append(frames, f)
		at = f.end
		if f.isLast() {
			if err := r.take(frames, isLast); err != nil {
				return err
			}
			frames = frames[:0]
		}
	}
}

// follows checks that a frame is the one that comes after the last batch taken in and so many frames
// of the next.
func (r *recovery) follows(f frame, before int) error {
	sequence := r.state.sequence + uint64(before) + 1
	if f.batch != r.state.batch+1 || f.sequence != sequence || int(f.index) != before {
		return damaged(r.source.name, f.at, "this is record %d of batch %d, "+
			"where record %d of batch %d belongs", f.sequence, f.batch, sequence, r.state.batch+1)
	}
	return nil
}

// take takes in the frames of a whole batch. It is all in the window, but that may have moved since.
func (r *recovery) take(frames []frame, isLast bool) error {
	first, last := frames[0], frames[len(frames)-1]
	data, err := r.source.from(first.at, last.end-first.at)
	if err != nil {
		return err
	}
	for _, f := range frames {
		record, err := r.decode(data[f.at-first.at+frameBytes:][:len(f.payload)], isLast)
		if err != nil {
			return damaged(r.source.name, f.at,
				"record %d is whole but not understood: %v", f.sequence, err)
		}
		r.state.apply(record, place{r.header.number, f.at, f.end})
		r.restore(record)
	}
	if isLast {
		r.lastData = append(r.lastData[:0], data[:last.end-first.at]...)
	}
	r.state.batch = last.batch
	r.lastBatch, r.end, r.source.keep = first.at, last.end, last.end
	return nil
}

// decode returns a record, which is a copy if it may be kept: of the last segment each is, since the
// header does not say what is settled there.
func (r *recovery) decode(payload []byte, isLast bool) (paxos.Record, error) {
	if isLast {
		return codec.DecodeRecord(bytes.Clone(payload))
	}
	record, err := codec.DecodeRecord(payload)
	if err != nil || r.isSettled(record) {
		return record, err
	}
	return codec.DecodeRecord(bytes.Clone(payload))
}

// isSettled reports whether a record has values, and all of slots that are settled when all is read.
func (r *recovery) isSettled(record paxos.Record) bool {
	switch record := record.(type) {
	case *paxos.AcceptedRecord:
		return record.Proposal.Run.Last() <= r.settled
	case *paxos.RepairedRecord:
		return record.Run.Last() <= r.settled
	}
	return false
}
