package store

import (
	"slices"
	"sort"
	"strings"

	"github.com/synod-log/synod/paxos"
)

// chunkBytes is how much of the log one entry for settled slots covers, and so about what is read to
// find one value. The index takes some 60 bytes for each.
const chunkBytes = 64 << 10

// place is a range of one segment: whole frames.
type place struct {
	segment  uint64
	from, to int64
}

// extent says that what was last recorded for the slots of span is in the frames at place.
type extent struct {
	span paxos.Span
	place
}

// index finds the values of settled slots.
//
// Of the slots above settled it knows the very frame that was last recorded for each: tail, sorted,
// no two extents sharing a slot. Settled slots never change, so that consecutive extents can then be
// joined into a chunk: a stretch of the log that has the last record of each of the chunk's slots.
// Reading a chunk means reading all its frames and letting the last one win, which is right in
// whatever order they were recorded, since nothing after the chunk's place recorded its slots.
type index struct {
	settled paxos.Slot
	chunks  []extent // sorted; every slot of theirs is settled
	tail    []extent
}

// record notes that the slots of span were recorded at a place. What it says of settled slots changes
// nothing: it can only be the value they have.
func (x *index) record(span paxos.Span, at place) {
	span.First = max(span.First, x.settled+1)
	if span.IsEmpty() {
		return
	}
	added := extent{span, at}
	from := sort.Search(len(x.tail), func(i int) bool { return x.tail[i].span.Last >= span.First })
	to := sort.Search(len(x.tail), func(i int) bool { return x.tail[i].span.First > span.Last })
	if from == to && to == len(x.tail) {
		x.tail = append(x.tail, added)
		return
	}
	replacement := make([]extent, 0, 3)
	if from < to {
		if left := x.tail[from]; left.span.First < span.First {
			left.span.Last = span.First - 1
			replacement = append(replacement, left)
		}
	}
	replacement = append(replacement, added)
	if from < to {
		if right := x.tail[to-1]; right.span.Last > span.Last {
			right.span.First = span.Last + 1
			replacement = append(replacement, right)
		}
	}
	x.tail = slices.Replace(x.tail, from, to, replacement...)
}

// settle notes that what was last recorded for the slots up to through is final.
func (x *index) settle(through paxos.Slot) {
	if through <= x.settled {
		return
	}
	x.settled = through
	for len(x.tail) > 0 && x.tail[0].span.First <= through {
		part := x.tail[0]
		if part.span.Last <= through {
			x.tail = x.tail[1:]
		} else {
			x.tail[0].span.First = through + 1
			part.span.Last = through
		}
		x.join(part)
	}
}

// join adds an extent of settled slots to the last chunk, or begins another with it.
func (x *index) join(part extent) {
	if len(x.chunks) > 0 {
		last := &x.chunks[len(x.chunks)-1]
		from, to := min(last.from, part.from), max(last.to, part.to)
		if last.segment == part.segment && last.span.Last+1 == part.span.First &&
			to-from <= chunkBytes {
			last.span.Last, last.from, last.to = part.span.Last, from, to
			return
		}
	}
	x.chunks = append(x.chunks, part)
}

// find returns the chunk that has a settled slot.
func (x *index) find(slot paxos.Slot) (extent, bool) {
	i := sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i].span.Last >= slot })
	if i == len(x.chunks) || !x.chunks[i].span.Contains(slot) {
		return extent{}, false
	}
	return x.chunks[i], true
}

// state is what the records of a log come to, as far as the store must know: it finds values again,
// and writes the rest into the next header.
type state struct {
	standing
	index index
}

// apply takes in a record, which lies at a place.
func (s *state) apply(record paxos.Record, at place) {
	s.sequence++
	switch r := record.(type) {
	case *paxos.PromisedRecord:
		s.promise(r.Ballot)
	case *paxos.AcceptedRecord:
		s.promise(r.Proposal.Ballot)
		s.index.record(r.Proposal.Run.Span(), at)
	case *paxos.SettledRecord:
		s.index.settle(r.Through)
	case *paxos.RepairedRecord:
		s.index.record(r.Run.Span(), at)
		if !r.Run.IsEmpty() {
			s.index.settle(r.Run.Last())
		}
	}
	s.settled = s.index.settled
}

// promise raises the promised ballot. Its name is copied, since it may be a part of a long message.
func (s *state) promise(b paxos.Ballot) {
	if s.promised.Less(b) {
		b.Proposer = strings.Clone(b.Proposer)
		s.promised = b
	}
}
