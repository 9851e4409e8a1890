package store

import "encoding/binary"

// judge tells a torn batch from damage, in what follows the last whole batch of a segment.
//
// A batch is written only after the one before it was synced, and a mark after its own batch was. So a
// crash can tear the last batch alone: what is left of it may be any of its sectors, and nothing of any
// later batch. A frame of a later one, or a mark of this one, proves that what is missing was on disk
// once. What is of batches before it proves nothing: a mark that no later one was written over, or
// what is left of a torn batch where the sync failed that was to make zeros of it.
func (r *recovery) judge(name string, isLast bool) error {
	r.tornEnd = r.end + int64(lastNonzero(r.data[r.end:]))
	if mark, ok := r.markAfter(isLast); ok && r.tornEnd <= mark+frameBytes {
		r.tornEnd = r.end + int64(lastNonzero(r.data[r.end:mark]))
	}
	if r.tornEnd == r.end {
		return nil
	}
	if !isLast {
		return damaged(name, r.end, "after record %d comes something that is no record, "+
			"though a later segment shows that all of this one was synced", r.state.sequence)
	}
	seal := newSeal(r.header.store, r.header.number)
	torn := r.state.batch + 1
	for at := r.end; at < r.tornEnd; at += alignment {
		f, ok := seal.open(r.data[at:], at)
		if ok && (f.batch > torn || f.batch == torn && f.isMark()) {
			return damaged(name, r.end, "what follows record %d has changed: "+
				"batch %d at byte %d shows that it was synced", r.state.sequence, f.batch, at)
		}
	}
	return nil
}

// markAfter returns where the mark lies behind the last whole batch, and whether there is one, of this
// batch or of one before it. Where another segment follows, its header tells what a mark would, and
// whatever lies in the mark's place counts as one: it was perhaps never synced.
func (r *recovery) markAfter(isLast bool) (at int64, ok bool) {
	at = min(markPlace(r.end), int64(len(r.data)))
	if !isLast {
		return at, true
	}
	f, ok := newSeal(r.header.store, r.header.number).open(r.data[at:], at)
	return at, ok && f.isMark() && f.batch <= r.state.batch
}

// lastNonzero returns how long data is without the zeros at its end.
func lastNonzero(data []byte) int {
	n := len(data)
	for n >= 8 && binary.LittleEndian.Uint64(data[n-8:]) == 0 {
		n -= 8
	}
	for n > 0 && data[n-1] == 0 {
		n--
	}
	return n
}
