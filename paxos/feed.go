package paxos

// feed is one learner's part in the feed, on which one learner at a time publishes the log for the
// world: the one with the lowest id among those that offer to, as their hellos tell.
//
// A learner offers once it is level with the acceptors it hears. All that offer listen to the feed,
// so that a successor goes on after the last slot published, and one that is restarted never
// publishes the log again from its beginning. At a change slots may repeat or be passed over;
// readers of the feed see that by the slots.
type feed struct {
	isWilling bool
	isOffered bool
	isFeeding bool
	others    map[string]offer // by learner
	heard     Slot             // highest slot heard on the feed; 0: none
	through   Slot             // the last that this learner published
	behind    int              // ticks for which it has not been level
}

// offer is what another learner's hello said.
type offer struct {
	isOffered bool
	heard     int // tick
}

// Fed tells a learner that the feed has reached a slot: another learner published it.
type Fed struct {
	Slot Slot
}

func (*Fed) isBody() {}

// onHello hears whether another learner offers.
func (f *feed) onHello(id string, isOffered bool, now int) {
	if f.others == nil {
		f.others = map[string]offer{}
	}
	if _, ok := f.others[id]; !ok && len(f.others) >= maxKnown {
		clear(f.others)
	}
	f.others[id] = offer{isOffered: isOffered, heard: now}
}

// onFed hears how far another learner has published.
func (f *feed) onFed(slot Slot) { f.heard = max(f.heard, slot) }

// tick offers once this learner is level with what acceptors have settled, withdraws when it has not
// been for patience, and decides who publishes: whoever has the lowest id of those heard to offer
// since then. It reports whether the offer changed.
func (f *feed) tick(self string, learned Slot, isLevel bool, since, patience int) bool {
	f.behind++
	if isLevel {
		f.behind = 0
	}
	was := f.isOffered
	f.isOffered = f.isWilling && (isLevel || was && f.behind < patience)
	isFirst := f.isOffered
	for id, other := range f.others {
		if id < self && other.isOffered && other.heard >= since {
			isFirst = false
		}
	}
	if isFirst && !f.isFeeding {
		f.through = max(f.through, f.heard)
		if f.through == 0 {
			f.through = learned
		}
	}
	f.isFeeding = isFirst
	return f.isOffered != was
}

// next returns the slots to publish now, and takes them as published.
func (f *feed) next(learned Slot) Span {
	if !f.isFeeding || learned <= f.through {
		return Span{}
	}
	span := Span{First: f.through + 1, Last: learned}
	f.through = learned
	return span
}
