package paxos

import "fmt"

// Span is the slots First to Last, both included. A span whose Last is below its First is empty;
// the zero Span is empty.
type Span struct {
	First, Last Slot
}

// IsEmpty reports whether s has no slot.
func (s Span) IsEmpty() bool { return s.First == 0 || s.Last < s.First }

// Contains reports whether slot is one of s.
func (s Span) Contains(slot Slot) bool { return s.First <= slot && slot <= s.Last && s.First > 0 }

// Covers reports whether every slot of other is one of s.
func (s Span) Covers(other Span) bool {
	return other.IsEmpty() || (!s.IsEmpty() && s.First <= other.First && other.Last <= s.Last)
}

// String is "7" or "7-9", and "none" for an empty span.
func (s Span) String() string {
	switch {
	case s.IsEmpty():
		return "none"
	case s.First == s.Last:
		return fmt.Sprint(s.First)
	}
	return fmt.Sprintf("%d-%d", s.First, s.Last)
}

// Run is values of consecutive slots, the first of them at First. A run travels, is voted for and
// is stored as one. The zero Run is empty. Its values are never changed once it is made: parts
// share them.
type Run struct {
	First  Slot
	Values []Value
}

// IsEmpty reports whether r has no value.
func (r Run) IsEmpty() bool { return len(r.Values) == 0 }

// Last is the slot of the last value; below First where r is empty, but never below 0.
func (r Run) Last() Slot { return max(r.First+Slot(len(r.Values)), 1) - 1 }

// Span is the slots of r.
func (r Run) Span() Span {
	if r.IsEmpty() {
		return Span{}
	}
	return Span{First: r.First, Last: r.Last()}
}

// At returns the value of slot, which must be one of r's.
func (r Run) At(slot Slot) Value { return r.Values[slot-r.First] }

// From returns the part of r at slot and above.
func (r Run) From(slot Slot) Run {
	if r.IsEmpty() || slot <= r.First {
		return r
	}
	if slot > r.Last() {
		return Run{}
	}
	return Run{First: slot, Values: r.Values[slot-r.First:]}
}

// Through returns the part of r at slot and below.
func (r Run) Through(slot Slot) Run {
	if r.IsEmpty() || slot >= r.Last() {
		return r
	}
	if slot < r.First {
		return Run{}
	}
	return Run{First: r.First, Values: r.Values[:slot-r.First+1]}
}

// Fitting returns the first values of r whose sizes add up to at most bytes, but one value at least
// where atLeastOne.
func (r Run) Fitting(bytes int, atLeastOne bool) Run {
	size := 0
	for i := range r.Values {
		size += r.Values[i].Size()
		if size > bytes && !(i == 0 && atLeastOne) {
			if i == 0 {
				return Run{}
			}
			return Run{First: r.First, Values: r.Values[:i]}
		}
	}
	return r
}

// Size is the sum of the sizes of r's values.
func (r Run) Size() int {
	size := 0
	for i := range r.Values {
		size += r.Values[i].Size()
	}
	return size
}

// Proposal is a run in a ballot: what a leader proposes, and what an acceptor has accepted.
type Proposal struct {
	Ballot Ballot
	Run    Run
}
