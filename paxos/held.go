package paxos

// held is the proposals that a proposer holds until it has seen them chosen, and a while more: so that
// whoever leads next can propose them, and answer again those that the old leader may have left unanswered.
//
// Proposals with a client's id are held once for an id. Those known by their reply subject are held each for
// itself, and paired one for one, in order, with the values seen chosen.
type held struct {
	byID      map[ID]*holding // the first of those with this id
	first     *holding        // all of them, in order of arrival
	last      *holding
	count     int
	bytes     int // of those not seen chosen
	chosen    []chosenHolding
	unclaimed map[ID][]unclaimedSlot // values seen chosen whose proposal was not heard yet
	expiring  []ID                   // keys of unclaimed, the oldest first
}

// holding is one proposal held.
type holding struct {
	value    Value
	reply    Reply
	isRepeat bool    // the id was known when reply came
	repeats  []Reply // others that wait for the same id
	slot     Slot    // where it is chosen; 0: not known to be
	queued   int     // bytes it was queued with
	since    int     // tick at which it was heard
	seen     int     // tick, of those led, at which it was seen chosen
	isPlaced bool    // proposed in the ballot that this proposer leads in
	isTold   bool    // its client was told that there is no answer yet
	isGone   bool    // no longer held

	previous, next *holding // in order of arrival
	sameID         *holding // the next with the same id
}

type chosenHolding struct {
	*holding
	seen int
}

type unclaimedSlot struct {
	slot Slot
	seen int
}

func newHeld() held {
	return held{byID: map[ID]*holding{}, unclaimed: map[ID][]unclaimedSlot{}}
}

// add holds h, which has an id, at the end.
func (t *held) add(h *holding) {
	if first := t.byID[h.value.ID]; first == nil {
		t.byID[h.value.ID] = h
	} else {
		for first.sameID != nil {
			first = first.sameID
		}
		first.sameID = h
	}
	h.previous = t.last
	if t.last != nil {
		t.last.next = h
	} else {
		t.first = h
	}
	t.last = h
	t.count++
	if h.slot == 0 {
		t.bytes += h.value.Size()
	}
}

// drop holds h no longer.
func (t *held) drop(h *holding) {
	if h.isGone {
		return
	}
	h.isGone = true
	t.count--
	if h.slot == 0 {
		t.bytes -= h.value.Size()
	}
	t.unchain(h)
	if h.previous != nil {
		h.previous.next = h.next
	} else {
		t.first = h.next
	}
	if h.next != nil {
		h.next.previous = h.previous
	} else {
		t.last = h.previous
	}
}

func (t *held) unchain(h *holding) {
	first := t.byID[h.value.ID]
	if first == h {
		if h.sameID == nil {
			delete(t.byID, h.value.ID)
		} else {
			t.byID[h.value.ID] = h.sameID
		}
		return
	}
	for ; first != nil; first = first.sameID {
		if first.sameID == h {
			first.sameID = h.sameID
			return
		}
	}
}

// claim pairs a value seen chosen in slot with the proposal held for it, and returns that; nil where none
// is.
func (t *held) claim(id ID, slot Slot, led int) *holding {
	h := t.unpaired(id, func(h *holding) bool { return h.slot == 0 })
	if h != nil {
		t.bytes -= h.value.Size()
		h.slot = slot
		h.value = Value{ID: id} // only its answer is wanted
		t.keepChosen(h, led)
	}
	return h
}

// unpaired returns the first holding with this id that meets the condition, or nil.
func (t *held) unpaired(id ID, isWanted func(*holding) bool) *holding {
	for h := t.byID[id]; h != nil; h = h.sameID {
		if isWanted(h) {
			return h
		}
	}
	return nil
}

// keepChosen keeps h, whose slot is known, until a while from now.
func (t *held) keepChosen(h *holding, led int) {
	h.seen = led
	t.chosen = append(t.chosen, chosenHolding{holding: h, seen: led})
}

// noteUnclaimed remembers a value seen chosen for a proposal that is heard later than its choice, which is
// then not a repetition.
func (t *held) noteUnclaimed(id ID, slot Slot, led int) {
	t.unclaimed[id] = append(t.unclaimed[id], unclaimedSlot{slot: slot, seen: led})
	t.expiring = append(t.expiring, id)
}

// takeUnclaimed returns the slot of a value of this id that no proposal was paired with.
func (t *held) takeUnclaimed(id ID) (Slot, bool) {
	slots := t.unclaimed[id]
	if len(slots) == 0 {
		return 0, false
	}
	if len(slots) == 1 {
		delete(t.unclaimed, id)
	} else {
		t.unclaimed[id] = slots[1:]
	}
	return slots[0].slot, true
}

// expire drops what was seen chosen before the given tick of those led.
func (t *held) expire(before int) {
	for len(t.chosen) > 0 && t.chosen[0].seen < before {
		if c := t.chosen[0]; c.holding.seen == c.seen {
			t.drop(c.holding)
		}
		t.chosen[0] = chosenHolding{}
		t.chosen = t.chosen[1:]
	}
	for len(t.expiring) > 0 {
		slots := t.unclaimed[t.expiring[0]]
		if len(slots) > 0 && slots[0].seen >= before {
			break
		}
		t.takeUnclaimed(t.expiring[0])
		t.expiring = t.expiring[1:]
	}
}
