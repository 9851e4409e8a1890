package paxos

import (
	"math/rand/v2"
	"testing"
)

// spanModel is the slots of a spanSet, one by one.
type spanModel map[Slot]bool

func (m spanModel) add(span Span) {
	for slot := span.First; slot <= span.Last && !span.IsEmpty(); slot++ {
		m[slot] = true
	}
}

func (m spanModel) around(slot Slot) Span {
	if !m[slot] {
		return Span{}
	}
	span := Span{First: slot, Last: slot}
	for m[span.First-1] {
		span.First--
	}
	for m[span.Last+1] {
		span.Last++
	}
	return span
}

func randomSpan(rng *rand.Rand, slots int) Span {
	first := Slot(1 + rng.IntN(slots))
	return Span{First: first, Last: first + Slot(rng.IntN(6)) - 1}
}

func TestSpanSetIsTheSetOfItsSlots(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var set spanSet
		model := spanModel{}
		for range 30 {
			span := randomSpan(rng, 40)
			set.add(span)
			model.add(span)
			for slot := Slot(0); slot < 50; slot++ {
				if got, want := set.around(slot), model.around(slot); got != want {
					t.Fatalf("seed %d: around(%d) of %v = %v, want %v", seed, slot, set, got, want)
				}
			}
			for i := 1; i < len(set); i++ {
				if set[i-1].Last+1 >= set[i].First {
					t.Fatalf("seed %d: spans touch or are out of order: %v", seed, set)
				}
			}
		}
	}
}

func TestSpanSetForgetsOnlyWholeSpans(t *testing.T) {
	set := spanSet{{1, 3}, {5, 9}, {11, 12}}
	set.forget(6)
	if len(set) != 2 || set[0] != (Span{5, 9}) {
		t.Errorf("after forget(6): %v, want 5-9 and 11-12", set)
	}
}

func TestTallyChoosesWhatAQuorumVotedForSlotBySlot(t *testing.T) {
	acceptors := []string{"a1", "a2", "a3", "a4", "a5"}
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 2))
		tally := tally{quorum: 3}
		model := map[string]spanModel{}
		for _, id := range acceptors {
			model[id] = spanModel{}
		}
		for range 25 {
			id, span := acceptors[rng.IntN(5)], randomSpan(rng, 12)
			tally.add(id, span)
			model[id].add(span)
			first := Slot(1 + rng.IntN(12))
			want := first
			for votesFor(model, want) >= 3 {
				want++
			}
			if got := tally.chosenFrom(first); got != want-1 {
				t.Fatalf("seed %d: chosenFrom(%d) = %d, want %d", seed, first, got, want-1)
			}
		}
	}
}

func votesFor(model map[string]spanModel, slot Slot) int {
	count := 0
	for _, slots := range model {
		if slots[slot] {
			count++
		}
	}
	return count
}

func TestAVoteThatComesTwiceCountsOnce(t *testing.T) {
	tally := tally{quorum: 2}
	for range 3 {
		tally.add("a1", Span{1, 4})
	}
	if got := tally.chosenFrom(1); got != 0 {
		t.Errorf("one acceptor's votes chose slots up to %d", got)
	}
}

func TestATallyWithoutAMembershipChoosesNothing(t *testing.T) {
	var tally tally
	if got := tally.chosenFrom(5); got != 4 {
		t.Errorf("chosenFrom(5) = %d, want 4", got)
	}
}
