package paxos

// idWindow knows the client ids of the last slots learned, so that a proposal that comes again is
// known as the one that was chosen.
type idWindow struct {
	size  Slot // W: how far below a slot an id is looked for
	slack Slot // how much more is kept, for slots that are looked up below the last learned

	newest map[idBlock]uint64 // by block, the number of the range added last
	ranges chosenRanges
}

// chosenIDs is a range of ids that was chosen in consecutive slots.
type chosenIDs struct {
	ids   idRange
	slot  Slot   // of the first id
	older uint64 // number of the range of the same block added before; below the oldest kept: none
}

func newIDWindow(limits Limits) idWindow {
	return idWindow{
		size: Slot(limits.IDWindow), slack: Slot(limits.Flight / valueOverhead),
		newest: map[idBlock]uint64{}, ranges: newChosenRanges(),
	}
}

// span is how many slots are kept below the last learned.
func (w *idWindow) span() Slot { return w.size + w.slack }

// add notes that the slots from slot on, which are above all added before, hold values with these ids.
func (w *idWindow) add(slot Slot, ids idRange) {
	block := ids.block()
	older := w.newest[block] // 0, where there is none, is below the oldest
	w.newest[block] = w.ranges.add(chosenIDs{ids: ids, slot: slot, older: older})
	last := slot + Slot(ids.count) - 1
	for oldest := w.ranges.oldest(); oldest.slot+Slot(oldest.ids.count)-1+w.span() < last; oldest = w.ranges.oldest() {
		block := oldest.ids.block()
		if w.newest[block] == w.ranges.from {
			delete(w.newest, block)
		}
		w.ranges.forgetOldest()
	}
}

// under returns the highest slot below end that holds a value with this id, of those kept.
func (w *idWindow) under(end Slot, id ID) (Slot, bool) {
	for number := w.newest[blockOf(id)]; number >= w.ranges.from; number = w.ranges.at(number).older {
		known := w.ranges.at(number)
		if n, ok := known.ids.find(id); ok && known.slot+Slot(n) < end {
			return known.slot + Slot(n), true
		}
	}
	return 0, false
}

// below returns the slot that holds a value with this id, where it is one of the size slots below
// slot.
func (w *idWindow) below(slot Slot, id ID) (Slot, bool) { return w.settledBelow(slot, id, slot) }

// settledBelow is below, of the slots up to settled alone.
func (w *idWindow) settledBelow(slot Slot, id ID, settled Slot) (Slot, bool) {
	if id.Kind != IDClient {
		return 0, false
	}
	known, ok := w.under(min(slot, settled+1), id)
	return known, ok && slot-known <= w.size
}

// knows reports whether any of the ids may be known.
func (w *idWindow) knows(ids idRange) bool {
	for number := w.newest[ids.block()]; number >= w.ranges.from; number = w.ranges.at(number).older {
		if w.ranges.at(number).ids.overlaps(ids) {
			return true
		}
	}
	return false
}

// chosenRanges is ranges numbered from 1 in the order added, of which the oldest are forgotten. They are in
// pieces of memory that are used again: one that grew by copying would hold up its proposer.
type chosenRanges struct {
	from, next uint64 // the oldest kept, and the next to be added
	pieces     []*[rangesInPiece]chosenIDs
	spare      *[rangesInPiece]chosenIDs
}

const rangesInPiece = 1 << 6

func newChosenRanges() chosenRanges { return chosenRanges{from: 1, next: 1} }

// at returns the range of a number that is kept.
func (c *chosenRanges) at(number uint64) *chosenIDs {
	piece := number/rangesInPiece - c.from/rangesInPiece
	return &c.pieces[piece][number%rangesInPiece]
}

func (c *chosenRanges) oldest() *chosenIDs { return c.at(c.from) }

// add keeps a range, and returns its number.
func (c *chosenRanges) add(r chosenIDs) uint64 {
	number := c.next
	if number/rangesInPiece-c.from/rangesInPiece == uint64(len(c.pieces)) {
		if c.spare == nil {
			c.spare = new([rangesInPiece]chosenIDs)
		}
		c.pieces, c.spare = append(c.pieces, c.spare), nil
	}
	c.next++
	*c.at(number) = r
	return number
}

func (c *chosenRanges) forgetOldest() {
	c.from++
	if c.from%rangesInPiece == 0 {
		c.spare, c.pieces[0] = c.pieces[0], nil
		c.pieces = c.pieces[1:]
	}
}
