package simulate

import "github.com/synod-log/synod/paxos"

// judgeChoice notes a choice, and holds all that was proposed above its ballot against it. [faults I1, I3]
func (w *World) judgeChoice(ballot int, slot paxos.Slot) {
	w.truth.choose(ballot, slot)
	choice := w.truth.choice(slot)
	for above := range w.truth.ballots {
		other := w.truth.slot(above, slot).value
		if other != nil && w.truth.ballots[choice.ballot].Less(w.truth.ballots[above]) {
			w.judgeLater(slot, choice, above, other)
		}
	}
	w.judgeID(slot, choice.value)
}

func (w *World) judgeLater(slot paxos.Slot, chosen choice, above int, other *paxos.Value) {
	if other != chosen.value && !other.Equal(*chosen.value) {
		w.violated("I3", "slot %d: %v is chosen in %v, %v proposed in %v", slot, chosen.value,
			w.truth.ballots[chosen.ballot], other, w.truth.ballots[above])
	}
}

// judgeID looks for the id of a value just chosen in the slots around it. [faults I5]
func (w *World) judgeID(slot paxos.Slot, value *paxos.Value) {
	if value.ID.Kind != paxos.IDClient {
		return
	}
	for other := range w.truth.chosen {
		v := w.truth.chosen[other].value
		if v != nil && v.ID == value.ID && paxos.Slot(other) != slot &&
			distance(paxos.Slot(other), slot) <= w.setup.Window {
			w.violated("I5", "the id of %v is chosen in slots %d and %d", value, slot, other)
		}
	}
}

func distance(a, b paxos.Slot) int { return max(int(a)-int(b), int(b)-int(a)) }

// judgeLearned holds what a learner delivers against what is chosen. [faults I4]
func (w *World) judgeLearned(k *worker, run paxos.Run) {
	if run.IsEmpty() || run.First != k.next {
		w.violated("I4", "%v delivers %v after slot %d", k.id, run, k.next-1)
		return
	}
	for i := range run.Values {
		value, chosen := &run.Values[i], w.truth.choice(k.next).value
		if chosen == nil || value != chosen && !value.Equal(*chosen) {
			w.violated("I4", "%v delivers %v in slot %d, chosen is %v", k.id, value, k.next, chosen)
		}
		k.next++
	}
}
