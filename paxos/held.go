package paxos

// held is the proposals that a proposer holds until it has seen them chosen, and a while more: so
// that whoever leads next can propose them, and answer again those that the old leader may have
// left unanswered.
//
// A proposal with a client's id is held once for its id. Those known by their reply subject are
// held each for itself, and paired one for one, in order, with the values seen chosen.
type held struct {
	byClient  map[idBlock]*holding // of those with clients' ids, the one of each block that was added last
	byReply   map[ID]*holding      // of each reply's id the first of those that no value was paired with
	first     *holding             // all of them, in order of arrival
	last      *holding
	count     int // values
	bytes     int // of those not seen chosen
	chosen    []chosenHolding
	unclaimed map[ID][]unclaimedSlot // values seen chosen whose proposal was not heard yet
	expiring  []ID                   // keys of unclaimed, the oldest first
}

// holding is proposals held: one, or several that came together under client ids of one range. What is
// said of them is true of each; where that ends, the holding is split.
type holding struct {
	values   []Value // empty once they are seen chosen: only their answer is wanted
	ids      idRange // of client's ids
	replyID  ID      // of one known by its reply subject; else the zero ID
	size     int     // of the values, while there are any
	reply    Reply   // of the first; the others' numbers follow
	isRepeat bool    // the id was known when reply came
	repeats  []repeat
	told     int  // how many of reply and repeats were told that there is no answer yet
	slot     Slot // where the first is chosen, and the others behind it; 0: not known to be
	after    Slot // known to be chosen somewhere when it was heard
	since    int  // tick at which it was heard
	seen     int  // tick, of those led, at which it was seen chosen
	isQueued bool // it waits in the leader's queue
	weight   int  // bytes that it counts for there
	isPlaced bool // it is, or waits to be, proposed in the ballot that this proposer leads in
	isSent   bool // it is proposed in that ballot
	isGone   bool // no longer held

	previous, next *holding // in order of arrival
	queued         *holding // the next in the leader's queue, where it is in that
	sameBlock      *holding // of those with clients' ids: the one of the same block added before
	sameID         *holding // of those known by replies: the next with the same id
	lastSame       *holding // of the first of them, the last
}

// repeat is a request that waits for a value proposed before, by its place in the holding.
type repeat struct {
	place int
	reply Reply
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
	return held{byClient: map[idBlock]*holding{}, byReply: map[ID]*holding{}, unclaimed: map[ID][]unclaimedSlot{}}
}

// newHolding holds values that came together: under client ids of one range, or one alone.
func newHolding(values []Value) *holding {
	h := &holding{values: values, size: Run{Values: values}.Size()}
	switch id := values[0].ID; id.Kind {
	case IDClient:
		h.ids = rangeOf(values)
	case IDReply:
		h.replyID = id
	}
	return h
}

// count is how many values h is.
func (h *holding) count() int { return max(h.ids.count, 1) }

// replyTo is where the outcome of the value at a place goes.
func (h *holding) replyTo(place int) Reply {
	reply := h.reply
	reply.Number += uint64(place)
	return reply
}

// add holds h, which has an id, at the end.
func (t *held) add(h *holding) {
	t.index(h)
	h.previous = t.last
	if t.last != nil {
		t.last.next = h
	} else {
		t.first = h
	}
	t.last = h
	t.count += h.count()
	if h.slot == 0 {
		t.bytes += h.size
	}
}

func (t *held) index(h *holding) {
	if h.ids.count > 0 {
		block := h.ids.block()
		h.sameBlock = t.byClient[block]
		t.byClient[block] = h
		return
	}
	if h.slot != 0 {
		return // it is paired already
	}
	first := t.byReply[h.replyID]
	if first == nil {
		h.lastSame = h
		t.byReply[h.replyID] = h
		return
	}
	first.lastSame.sameID = h
	first.lastSame = h
}

// unindex takes h out of where it is found by its ids, if it is there.
func (t *held) unindex(h *holding) {
	if h.ids.count > 0 {
		t.unindexClient(h)
	} else {
		t.unindexReply(h)
	}
}

func (t *held) unindexClient(h *holding) {
	block := h.ids.block()
	last := t.byClient[block]
	if last == h {
		if h.sameBlock == nil {
			delete(t.byClient, block)
		} else {
			t.byClient[block] = h.sameBlock
		}
		return
	}
	for at := last; at != nil; at = at.sameBlock {
		if at.sameBlock == h {
			at.sameBlock = h.sameBlock
			return
		}
	}
}

// unindexReply takes h out of its chain. Mostly it is the first.
func (t *held) unindexReply(h *holding) {
	first := t.byReply[h.replyID]
	if first == h {
		if h.sameID == nil {
			delete(t.byReply, h.replyID)
		} else {
			h.sameID.lastSame = h.lastSame
			t.byReply[h.replyID] = h.sameID
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

// find returns what is held under a client's id, and the id's place in it.
func (t *held) find(id ID) (*holding, int) {
	for h := t.byClient[blockOf(id)]; h != nil; h = h.sameBlock {
		if place, ok := h.ids.find(id); ok {
			return h, place
		}
	}
	return nil, 0
}

// holds reports whether something is held under any of the ids.
func (t *held) holds(ids idRange) bool {
	for h := t.byClient[ids.block()]; h != nil; h = h.sameBlock {
		if h.ids.overlaps(ids) {
			return true
		}
	}
	return false
}

// split makes two of h, which has no slot: h keeps the first n values, and the rest follows it.
func (t *held) split(h *holding, n int) *holding {
	rest := *h
	rest.values, rest.ids, rest.reply = h.values[n:], h.ids.from(n), h.replyTo(n)
	rest.size = Run{Values: rest.values}.Size()
	h.values, h.ids, h.size = h.values[:n:n], h.ids.first(n), h.size-rest.size
	h.splitRepeats(&rest, n)
	if rest.next != nil {
		rest.next.previous = &rest
	} else {
		t.last = &rest
	}
	rest.previous, h.next = h, &rest
	h.sameBlock = &rest
	if h.isQueued {
		h.queued = &rest
		rest.weight = rest.size
		h.weight -= rest.size
	}
	return &rest
}

// splitRepeats shares out those that wait for h, of whom the first of each half were told first.
func (h *holding) splitRepeats(rest *holding, n int) {
	repeats, told := h.repeats, h.told
	h.repeats, rest.repeats = nil, nil
	h.told = min(told, 1)
	rest.told = h.told
	for i, r := range repeats {
		half := h
		if r.place >= n {
			half, r.place = rest, r.place-n
		}
		half.repeats = append(half.repeats, r)
		if i+1 < told {
			half.told++
		}
	}
}

// drop holds h no longer.
func (t *held) drop(h *holding) {
	if h.isGone {
		return
	}
	h.isGone = true
	t.count -= h.count()
	if h.slot == 0 {
		t.bytes -= h.size
	}
	if h.slot == 0 || h.ids.count > 0 {
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

// makeRoom lets go of the oldest that are not seen chosen, until no more than so many bytes are held.
func (t *held) makeRoom(most int) {
	var next *holding
	for h := t.first; h != nil && t.bytes > most; h = next {
		next = h.next
		if h.slot == 0 {
			t.drop(h)
		}
	}
}

// claimReply pairs a value seen chosen in slot with the first proposal held that is known by this reply's
// id, and returns that; nil where none is. A value that was pulled may be old: it is not taken for a
// proposal that was heard later.
func (t *held) claimReply(id ID, slot Slot, isPulled bool, led int) *holding {
	h := t.byReply[id]
	if h == nil || isPulled && slot <= h.after {
		return nil
	}
	t.unindex(h)
	t.claim(h, slot, led)
	return h
}

// claim notes that the values of h are seen chosen, from slot on.
func (t *held) claim(h *holding, slot Slot, led int) {
	t.bytes -= h.size
	h.slot, h.values, h.size = slot, nil, 0
	t.keepChosen(h, led)
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
