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
	w.judgeOrder(slot, choice.value)
}

// judgeOrder holds a choice against what clients know: what they proposed after they were told of a slot is
// chosen in a higher one. [faults I6, design G7]
func (w *World) judgeOrder(slot paxos.Slot, value *paxos.Value) {
	for i := range w.proposals {
		p := &w.proposals[i]
		if p.value.ID != value.ID || string(p.value.Data) != string(value.Data) {
			continue
		}
		if !p.isChosen {
			p.isChosen = true
			for n := range p.chosenAt {
				p.chosenAt[n] = w.workers[firstProposer+ID(n)].ticks
			}
		}
		if slot <= p.after {
			w.violated("I6", "%s is chosen in slot %d, and was proposed when slot %d was acknowledged", p.name, slot,
				p.after)
		}
		return
	}
	if value.Kind == paxos.KindValue {
		w.violated("I2", "%v is chosen in slot %d, and nobody proposed it", value, slot)
	}
}

func (w *World) judgeLater(slot paxos.Slot, chosen choice, above int, other *paxos.Value) {
	if other != chosen.value && !other.Equal(*chosen.value) {
		rule := "I3"
		if other.Kind == paxos.KindNoop {
			rule = "I7" // a no-op in the place of a client's value
		}
		w.violated(rule, "slot %d: %v is chosen in %v, %v proposed in %v", slot, chosen.value,
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
