package paxos

// held is the proposals that a proposer holds until it has seen them chosen, and a while more: so
// that whoever leads next can propose them, and answer again those that the old leader may have
// left unanswered.
//
// A proposal with a client's id is held once for its id. Those known by their reply subject are
// held each for itself, and paired one for one, in order, with the values seen chosen.
type held struct {
	// byID has of a client's id what is held under it, and of a reply's id the first of those that
	// no value was paired with, which form a chain.
	byID      map[ID]*holding
	first     *holding // all of them, in order of arrival
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
	told     int     // how many of reply and repeats were told that there is no answer yet
	slot     Slot    // where it is chosen; 0: not known to be
	after    Slot    // known to be chosen somewhere when it was heard
	queued   int     // bytes it was queued with
	since    int     // tick at which it was heard
	seen     int     // tick, of those led, at which it was seen chosen
	isPlaced bool    // it is, or waits to be, proposed in the ballot that this proposer leads in
	isSent   bool    // it is proposed in that ballot
	isGone   bool    // no longer held

	previous, next *holding // in order of arrival
	sameID         *holding // the next with the same reply's id
	lastSame       *holding // of the first of them, the last
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
	if h.slot == 0 || h.value.ID.Kind == IDClient {
		t.index(h)
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

func (t *held) index(h *holding) {
	first := t.byID[h.value.ID]
	if first == nil {
		h.lastSame = h
		t.byID[h.value.ID] = h
		return
	}
	first.lastSame.sameID = h
	first.lastSame = h
}

// unindex takes h out of byID, if it is there. Mostly it is the first of its chain.
func (t *held) unindex(h *holding) {
	first := t.byID[h.value.ID]
	if first == h {
		if h.sameID == nil {
			delete(t.byID, h.value.ID)
		} else {
			h.sameID.lastSame = h.lastSame
			t.byID[h.value.ID] = h.sameID
		}
		return
	}
	for at := first; at != nil; at = at.sameID {
		if at.sameID == h {
			at.sameID = h.sameID
			if first.lastSame == h {
				first.lastSame = at
			}
			return
		}
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
	if h.slot == 0 || h.value.ID.Kind == IDClient {
		t.unindex(h)
	}
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

// claim pairs a value seen chosen in slot with the proposal held for it, and returns that; nil
// where none is. A value that was pulled may be old: it is not taken for a reply's proposal that
// was heard later.
func (t *held) claim(id ID, slot Slot, isPulled bool, led int) *holding {
	h := t.byID[id]
	if h == nil || h.slot != 0 || isPulled && id.Kind == IDReply && slot <= h.after {
		return nil
	}
	if id.Kind == IDReply {
		t.unindex(h)
	}
	t.bytes -= h.value.Size()
	h.slot = slot
	h.value = Value{ID: id} // only its answer is wanted
	t.keepChosen(h, led)
	return h
}

// keepChosen keeps h, whose slot is known, until a while from now.
func (t *held) keepChosen(h *holding, led int) {
	h.seen = led
	t.chosen = append(t.chosen, chosenHolding{holding: h, seen: led})
}

// noteUnclaimed remembers a value seen chosen for a proposal that is heard later than its choice,
// which is then not a repetition.
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
