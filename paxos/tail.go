package paxos

import (
	"slices"
	"sort"
)

// tail is proposals by slot: for each slot the one put last. Its runs are ascending and do not
// overlap; slots between them are holes. A run costs the same whatever the number of its values.
type tail struct {
	parts []tailPart
	bytes int // sum of the sizes of all values
}

type tailPart struct {
	Proposal
	size int
}

// put makes p the proposal of each of its slots.
func (t *tail) put(p Proposal) {
	if p.Run.IsEmpty() {
		return
	}
	part := tailPart{Proposal: p, size: p.Run.Size()}
	if t.highest() < p.Run.First {
		t.parts = append(t.parts, part)
		t.bytes += part.size
		return
	}
	var kept []tailPart
	from := t.search(p.Run.First)
	to := from
	for to < len(t.parts) && t.parts[to].Run.First <= p.Run.Last() {
		old := t.parts[to]
		t.bytes -= old.size
		if left := old.Run.Through(p.Run.First - 1); !left.IsEmpty() {
			kept = append(kept, newTailPart(old.Ballot, left))
		}
		to++
	}
	kept = append(kept, part)
	if to > from {
		old := t.parts[to-1]
		if right := old.Run.From(p.Run.Last() + 1); !right.IsEmpty() {
			kept = append(kept, newTailPart(old.Ballot, right))
		}
	}
	for _, k := range kept {
		t.bytes += k.size
	}
	t.parts = slices.Replace(t.parts, from, to, kept...)
}

func newTailPart(ballot Ballot, run Run) tailPart {
	return tailPart{Proposal: Proposal{Ballot: ballot, Run: run}, size: run.Size()}
}

// search returns the index of the first part that ends at slot or above.
func (t *tail) search(slot Slot) int {
	if n := len(t.parts); n > 0 && t.parts[0].Run.Last() >= slot {
		return 0 // the common case: slots are taken off in order
	}
	return sort.Search(len(t.parts), func(i int) bool { return t.parts[i].Run.Last() >= slot })
}

// highest is the highest slot that has a proposal; 0 where none has.
func (t *tail) highest() Slot {
	if len(t.parts) == 0 {
		return 0
	}
	return t.parts[len(t.parts)-1].Run.Last()
}

// heldIn returns the highest slot h such that each slot from first to h has a proposal in ballot, h
// not above through; first − 1 where first has none.
func (t *tail) heldIn(ballot Ballot, first, through Slot) Slot {
	next := first
	for i := t.search(first); i < len(t.parts) && next <= through; i++ {
		if t.parts[i].Ballot != ballot || t.parts[i].Run.First > next {
			break
		}
		next = t.parts[i].Run.Last() + 1
	}
	return min(next-1, max(through, first-1))
}

// at returns the proposal of slot, if it has one.
func (t *tail) at(slot Slot) (Ballot, Value, bool) {
	i := t.search(slot)
	if i == len(t.parts) || t.parts[i].Run.First > slot {
		return Ballot{}, Value{}, false
	}
	return t.parts[i].Ballot, t.parts[i].Run.At(slot), true
}

// forget drops the proposals of slot and below.
func (t *tail) forget(slot Slot) {
	drop := 0
	for drop < len(t.parts) && t.parts[drop].Run.Last() <= slot {
		t.bytes -= t.parts[drop].size
		t.parts[drop] = tailPart{}
		drop++
	}
	t.parts = t.parts[drop:]
	if len(t.parts) > 0 && t.parts[0].Run.First <= slot {
		t.bytes -= t.parts[0].size
		t.parts[0] = newTailPart(t.parts[0].Ballot, t.parts[0].Run.From(slot+1))
		t.bytes += t.parts[0].size
	}
}

// page returns the proposals from slot first on, as many as fit in bytes but at least one value,
// and the last slot they speak for: 0 where there are no more.
func (t *tail) page(first Slot, bytes int) ([]Proposal, Slot) {
	var page []Proposal
	for i := t.search(first); i < len(t.parts); i++ {
		run := t.parts[i].Run.From(first)
		fits := run.Fitting(bytes, len(page) == 0)
		if !fits.IsEmpty() {
			page = append(page, Proposal{Ballot: t.parts[i].Ballot, Run: fits})
			bytes -= fits.Size()
		}
		if len(fits.Values) < len(run.Values) {
			if fits.IsEmpty() {
				return page, run.First - 1
			}
			return page, fits.Last()
		}
	}
	return page, 0
}
