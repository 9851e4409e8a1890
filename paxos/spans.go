package paxos

import "slices"

// spanSet is a set of slots as spans: ascending, none empty, no two that touch.
type spanSet []Span

// add puts the slots of span into s.
func (s *spanSet) add(span Span) {
	if span.IsEmpty() {
		return
	}
	set := *s
	from := 0 // spans before it end below span and do not touch it
	for from < len(set) && set[from].Last+1 < span.First {
		from++
	}
	to := from // spans from it on begin above span and do not touch it
	for to < len(set) && set[to].First <= span.Last+1 {
		to++
	}
	if from == to {
		*s = slices.Insert(set, from, span)
		return
	}
	set[from] = Span{First: min(set[from].First, span.First), Last: max(set[to-1].Last, span.Last)}
	*s = slices.Delete(set, from+1, to)
}

// around returns the span that slot is in, or an empty one.
func (s spanSet) around(slot Slot) Span {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i].Contains(slot) {
			return s[i]
		}
	}
	return Span{}
}

// covers reports whether every slot of span is in s.
func (s spanSet) covers(span Span) bool {
	return span.IsEmpty() || s.around(span.First).Covers(span)
}

// highest returns the last span, or an empty one.
func (s spanSet) highest() Span {
	if len(s) == 0 {
		return Span{}
	}
	return s[len(s)-1]
}

// forget drops the spans that end at slot or below.
func (s *spanSet) forget(slot Slot) {
	drop := 0
	for drop < len(*s) && (*s)[drop].Last <= slot {
		drop++
	}
	*s = slices.Delete(*s, 0, drop)
}
