package simulate

import (
	"math/bits"

	"github.com/synod-log/synod/paxos"
)

// truth is all that was ever proposed, accepted durably and voted, by ballot and slot, and what follows
// from it. It does not look at what workers hold now: votes need not exist all at one time for a value
// to be chosen.
type truth struct {
	quorum  int
	ballots []paxos.Ballot
	tallies []ballotTruth // by ballot
	chosen  []choice      // by slot
	highest paxos.Slot    // highest slot chosen
	last    int           // the ballot looked up last
}

// ballotTruth is what is known of one ballot.
type ballotTruth struct {
	owner   paxos.Nonce        // the process that began it
	slots   []slotTruth        // by slot
	counted [ids][2]paxos.Slot // span of each acceptor's votes that was counted last
}

// slotTruth is what is known of one slot in one ballot.
type slotTruth struct {
	value    *paxos.Value // proposed; nil: nothing yet
	accepted idSet        // acceptors that accepted it durably
	voted    idSet        // acceptors that said so
}

// choice is what was chosen in a slot.
type choice struct {
	value  *paxos.Value // nil: nothing
	ballot int          // the lowest known to have chosen it
}

func (t *truth) reset(quorum int) {
	t.quorum, t.last, t.highest = quorum, 0, 0
	t.ballots = t.ballots[:0]
	clear(t.chosen)
	t.chosen = t.chosen[:0]
	for i := range t.tallies {
		clear(t.tallies[i].slots)
		t.tallies[i].slots = t.tallies[i].slots[:0]
		t.tallies[i].counted = [ids][2]paxos.Slot{}
		t.tallies[i].owner = paxos.Nonce{}
	}
	t.tallies = t.tallies[:0]
}

// ballot returns the number that this truth knows a ballot by.
func (t *truth) ballot(b paxos.Ballot) int {
	if t.last < len(t.ballots) && t.ballots[t.last] == b {
		return t.last
	}
	for i := range t.ballots {
		if t.ballots[i] == b {
			t.last = i
			return i
		}
	}
	t.last = len(t.ballots)
	t.ballots = append(t.ballots, b)
	if len(t.tallies) < cap(t.tallies) {
		t.tallies = t.tallies[:len(t.tallies)+1] // its slots are empty, and are used again
	} else {
		t.tallies = append(t.tallies, ballotTruth{})
	}
	return t.last
}

// slot returns what is known of a slot in a ballot. It is valid until the next call.
func (t *truth) slot(ballot int, slot paxos.Slot) *slotTruth {
	tally := &t.tallies[ballot]
	for int(slot) >= len(tally.slots) {
		tally.slots = append(tally.slots, slotTruth{})
	}
	return &tally.slots[slot]
}

// choice returns what is chosen in a slot.
func (t *truth) choice(slot paxos.Slot) choice {
	if int(slot) < len(t.chosen) {
		return t.chosen[slot]
	}
	return choice{}
}

// isChosen reports whether every slot up to this one is chosen.
func (t *truth) isChosen(through paxos.Slot) bool {
	for slot := paxos.Slot(1); slot <= through; slot++ {
		if t.choice(slot).value == nil {
			return false
		}
	}
	return true
}

// vote counts a vote, and reports whether it made a quorum.
func (t *truth) vote(by ID, ballot int, slot paxos.Slot) bool {
	s := t.slot(ballot, slot)
	if s.voted.has(by) {
		return false
	}
	s.voted.add(by)
	return bits.OnesCount32(uint32(s.voted)) == t.quorum
}

// choose notes that a quorum voted for a slot in a ballot.
func (t *truth) choose(ballot int, slot paxos.Slot) {
	for int(slot) >= len(t.chosen) {
		t.chosen = append(t.chosen, choice{})
	}
	was := &t.chosen[slot]
	if was.value == nil || t.ballots[ballot].Less(t.ballots[was.ballot]) {
		*was = choice{t.slot(ballot, slot).value, ballot}
	}
	t.highest = max(t.highest, slot)
}
