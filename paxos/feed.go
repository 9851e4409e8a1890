package paxos

// feed is one learner's part in the feed, on which one learner at a time publishes the log for the
// world: the one with the lowest id among those that offer to, as their hellos tell.
//
// A learner offers once it is level with the acceptors it hears. A successor goes on from where the one
// before had learned when it last said hello, so that none publishes the log again from its beginning.
// At a change slots may repeat, or be passed over; readers of the feed see that by the slots. To listen
// to the feed instead would be exact, but would cost each of many learners a message a value.
type feed struct {
	isWilling bool
	isOffered bool
	isFeeding bool
	others    map[string]offer // by learner
	heard     Slot             // through which another that publishes had learned; 0: none was heard
	through   Slot             // the last that this learner published
	behind    int              // ticks for which it has not been level
}

// offer is what another learner's hello said.
type offer struct {
	isOffered bool
	heard     int // tick
}

// onHello hears whether another learner offers, and of the one that publishes, or did until now, how far
// it is. Others are not counted that were not heard since.
func (f *feed) onHello(id string, isOffered bool, position Slot, since, now int) {
	if (isOffered || f.others[id].isOffered) && !f.isFeeding && f.isFirst(id, since) {
		f.heard = max(f.heard, position)
	}
	if f.others == nil {
		f.others = map[string]offer{}
	}
	if _, ok := f.others[id]; !ok && len(f.others) >= maxKnown {
		clear(f.others)
	}
	f.others[id] = offer{isOffered: isOffered, heard: now}
}

// isFirst reports whether no other learner with a lower id than this was heard to offer since then.
func (f *feed) isFirst(id string, since int) bool {
	for other, said := range f.others {
		if other < id && said.isOffered && said.heard >= since {
			return false
		}
	}
	return true
}

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
	isFirst := f.isOffered && f.isFirst(self, since)
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
