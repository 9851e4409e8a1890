package paxos

// idWindow knows the client ids of the last slots learned, so that a proposal that comes again is
// known as the one that was chosen.
type idWindow struct {
	size  Slot              // W: how far below a slot an id is looked for
	slack Slot              // how much more is kept, for slots that are looked up below the last learned
	slots map[[16]byte]Slot // the latest slot of an id
	order []slotID          // ascending; from oldest on they are in slots
	from  int               // index in order of the oldest
}

type slotID struct {
	slot Slot
	id   [16]byte
}

func newIDWindow(limits Limits) idWindow {
	return idWindow{
		size: Slot(limits.IDWindow), slack: Slot(limits.Flight / valueOverhead),
		slots: map[[16]byte]Slot{},
	}
}

// span is how many slots are kept below the last learned.
func (w *idWindow) span() Slot { return w.size + w.slack }

// add notes that slot, which is above all added before, holds a value with this id.
func (w *idWindow) add(slot Slot, id ID) {
	if id.Kind != IDClient {
		return
	}
	w.slots[id.Bytes] = slot
	w.order = append(w.order, slotID{slot: slot, id: id.Bytes})
	for w.order[w.from].slot+w.span() < slot {
		w.forgetOldest()
	}
}

func (w *idWindow) forgetOldest() {
	oldest := w.order[w.from]
	if w.slots[oldest.id] == oldest.slot {
		delete(w.slots, oldest.id)
	}
	w.from++
	if w.from > len(w.order)/2 && w.from > 1024 {
		w.order = append(w.order[:0], w.order[w.from:]...)
		w.from = 0
	}
}

// below returns the slot that holds a value with this id, where it is one of the size slots below
// slot.
func (w *idWindow) below(slot Slot, id ID) (Slot, bool) {
	if id.Kind != IDClient {
		return 0, false
	}
	known, ok := w.slots[id.Bytes]
	return known, ok && known < slot && slot-known <= w.size
}

// settledBelow is below, of the slots up to settled alone.
func (w *idWindow) settledBelow(slot Slot, id ID, settled Slot) (Slot, bool) {
	known, ok := w.below(slot, id)
	if ok && known <= settled || w.slots[id.Bytes] <= settled {
		return known, ok
	}
	for i := len(w.order) - 1; i >= w.from && w.order[i].slot+w.size >= slot; i-- {
		if w.order[i].slot <= settled && w.order[i].slot < slot && w.order[i].id == id.Bytes {
			return w.order[i].slot, true
		}
	}
	return 0, false
}
