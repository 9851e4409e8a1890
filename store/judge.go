package store

import "encoding/binary"

// judge tells a torn batch from damage, in what follows the last whole batch of a segment.
//
// A batch is written only after the one before it was synced. So a crash can tear the last batch
// alone: what is left of it may be any of its sectors, and nothing of any later batch. A frame of a
// later one proves that what is missing before it was on disk once.
func (r *recovery) judge(name string, isLast bool) error {
	r.tornEnd = r.end + int64(lastNonzero(r.data[r.end:]))
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
		if !ok {
			continue
		}
		if f.batch != torn {
			return damaged(name, r.end, "what follows record %d has changed: "+
				"batch %d at byte %d shows that it was synced", r.state.sequence, f.batch, at)
		}
	}
	return nil
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
