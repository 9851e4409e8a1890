package paxos

import (
	"math/rand/v2"
	"testing"
)

func ballot(round uint64) Ballot { return Ballot{Round: round, Proposer: "p1"} }

func runOf(first Slot, words ...string) Run {
	run := Run{First: first}
	for _, word := range words {
		run.Values = append(run.Values, Value{Kind: KindValue, Data: []byte(word)})
	}
	return run
}

// tailModel is the proposals of a tail, slot by slot.
type tailModel map[Slot]accepted

func (m tailModel) put(p Proposal) {
	for i, value := range p.Run.Values {
		m[p.Run.First+Slot(i)] = accepted{ballot: p.Ballot, value: value}
	}
}

func TestTailHoldsForEachSlotWhatWasPutLast(t *testing.T) {
	words := []string{"red", "green", "blue", "a longer value"}
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 3))
		var tail tail
		model := tailModel{}
		floor := Slot(0)
		for range 25 {
			run := Run{First: floor + 1 + Slot(rng.IntN(15))}
			for range 1 + rng.IntN(5) {
				run.Values = append(run.Values, Value{Kind: KindValue, Data: []byte(words[rng.IntN(4)])})
			}
			p := Proposal{Ballot: ballot(uint64(1 + rng.IntN(3))), Run: run}
			tail.put(p)
			model.put(p)
			if rng.IntN(6) == 0 {
				floor += Slot(rng.IntN(5))
				tail.forget(floor)
				for slot := range model {
					if slot <= floor {
						delete(model, slot)
					}
				}
			}
			checkTail(t, seed, &tail, model, floor)
		}
	}
}

func checkTail(t *testing.T, seed uint64, tail *tail, model tailModel, floor Slot) {
	t.Helper()
	bytes, highest := 0, Slot(0)
	for slot, want := range model {
		bytes += want.value.Size()
		highest = max(highest, slot)
		gotBallot, got, ok := tail.at(slot)
		if !ok || gotBallot != want.ballot || !got.Equal(want.value) {
			t.Fatalf("seed %d: at(%d) = %v %v %v, want %v %v", seed, slot, gotBallot, got, ok, want.ballot, want.value)
		}
	}
	if tail.bytes != bytes || tail.highest() != highest {
		t.Fatalf("seed %d: bytes %d highest %d, want %d and %d", seed, tail.bytes, tail.highest(), bytes, highest)
	}
	for first := floor + 1; first < floor+20; first++ {
		for round := uint64(1); round <= 3; round++ {
			want := first
			for want < first+7 && model[want].ballot == ballot(round) {
				want++
			}
			if got := tail.heldIn(ballot(round), first, first+6); got != want-1 {
				t.Fatalf("seed %d: heldIn(%d, %d, %d) = %d, want %d", seed, round, first, first+6, got, want-1)
			}
		}
	}
	checkPages(t, seed, tail, model, floor)
}

// checkPages reads the tail page by page and wants every proposal once, in order.
func checkPages(t *testing.T, seed uint64, tail *tail, model tailModel, floor Slot) {
	t.Helper()
	seen, next := 0, floor+1
	for pages := 0; ; pages++ {
		page, last := tail.page(next, 150)
		for _, proposal := range page {
			for i, value := range proposal.Run.Values {
				slot := proposal.Run.First + Slot(i)
				if want := model[slot]; slot < next || want.ballot != proposal.Ballot || !want.value.Equal(value) {
					t.Fatalf("seed %d: page from %d has %v at %d, want %v", seed, next, value, slot, want.value)
				}
				seen++
			}
		}
		if last == 0 {
			break
		}
		if last < next || pages > 100 {
			t.Fatalf("seed %d: page from %d ends at %d", seed, next, last)
		}
		next = last + 1
	}
	if seen != len(model) {
		t.Fatalf("seed %d: pages told %d proposals of %d", seed, seen, len(model))
	}
}

func TestAPageHasOneValueHoweverLarge(t *testing.T) {
	var tail tail
	tail.put(Proposal{Ballot: ballot(1), Run: runOf(1, string(make([]byte, 1000)), "next")})
	page, last := tail.page(1, 10)
	if len(page) != 1 || len(page[0].Run.Values) != 1 || last != 1 {
		t.Errorf("page = %d proposals to %d, want the one large value", len(page), last)
	}
}

func TestRunParts(t *testing.T) {
	run := runOf(5, "e", "f", "g")
	for _, c := range []struct {
		part Run
		want Span
	}{
		{run.From(1), Span{5, 7}}, {run.From(6), Span{6, 7}}, {run.From(8), Span{}},
		{run.Through(9), Span{5, 7}}, {run.Through(5), Span{5, 5}}, {run.Through(4), Span{}},
		{Run{}.From(3), Span{}}, {Run{}.Through(3), Span{}},
	} {
		if got := c.part.Span(); got != c.want {
			t.Errorf("part %v, want %v", got, c.want)
		}
	}
}
