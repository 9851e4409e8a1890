package store

import "encoding/binary"

// judge tells a torn batch from damage, in what follows the last whole batch of a segment.
//
// A batch is written only after the one before it was synced, and a mark after its own batch was. So a
// crash can tear the last batch alone: what is left of it may be any of its sectors, and nothing of any
// later batch. A frame of a later one, or a mark of this one, proves that what is missing was on disk
// once. What is of batches before it proves nothing: a mark that no later one was written over, or
// what is left of a torn batch where the sync failed that was to make zeros of it.
func (r *recovery) judge(isLast bool) (err error) {
	if r.tornEnd, err = r.used(isLast); err != nil || r.tornEnd == r.end {
		return err
	}
	if !isLast {
		return damaged(r.source.name, r.end, "after record %d comes something that is no record, "+
			"though a later segment shows that all of this one was synced", r.state.sequence)
	}
	r.source.keep = r.end
	data, err := r.source.from(r.end, r.source.size-r.end)
	if err != nil {
		return err
	}
	seal := newSeal(r.header.store, r.header.number)
	torn := r.state.batch + 1
	for at := r.end; at < r.tornEnd; at += alignment {
		f, ok := seal.open(data[at-r.end:], at)
		if ok && (f.batch > torn || f.batch == torn && f.isMark()) {
			return damaged(r.source.name, r.end, "what follows record %d has changed: "+
				"batch %d at byte %d shows that it was synced", r.state.sequence, f.batch, at)
		}
	}
	return nil
}

// used returns where the zeros begin with which the segment ends. A mark behind the last whole batch
// counts as zeros where nothing else follows it.
func (r *recovery) used(isLast bool) (end int64, err error) {
	mark, ok, err := r.markAfter(isLast)
	if err != nil {
		return 0, err
	}
	if !ok {
		return r.source.usedEnd(r.end, r.source.size)
	}
	before, err := r.source.usedEnd(r.end, mark)
	if err != nil {
		return 0, err
	}
	behind := min(mark+frameBytes, r.source.size)
	if end, err = r.source.usedEnd(behind, r.source.size); err != nil || end > behind {
		return end, err
	}
	return before, nil
}

// markAfter returns where the mark lies behind the last whole batch, and whether there is one, of this
// batch or of one before it. Where another segment follows, its header tells what a mark would, and
// whatever lies in the mark's place counts as one: it was perhaps never synced.
func (r *recovery) markAfter(isLast bool) (at int64, ok bool, err error) {
	at = min(markPlace(r.end), r.source.size)
	if !isLast {
		return at, true, nil
	}
	f, ok, err := r.source.frame(newSeal(r.header.store, r.header.number), at)
	return at, ok && f.isMark() && f.batch <= r.state.batch, err
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
