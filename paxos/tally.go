package paxos

import "slices"

// tally counts the votes of one ballot. Votes are counted per acceptor, so that one that comes
// twice counts once, and never across ballots: a tally belongs to its ballot and is replaced with
// it.
type tally struct {
	quorum int
	votes  []acceptorVotes // at most one entry for an acceptor
	ends   []Slot          // scratch of chosenFrom
}

type acceptorVotes struct {
	acceptor string
	spans    spanSet
}

func newTally(m Membership) tally { return tally{quorum: m.Quorum()} }

// add counts the acceptor's vote for every slot of span.
func (t *tally) add(acceptor string, span Span) {
	if span.IsEmpty() {
		return
	}
	for i := range t.votes {
		if t.votes[i].acceptor == acceptor {
			t.votes[i].spans.add(span)
			return
		}
	}
	t.votes = append(t.votes, acceptorVotes{acceptor: acceptor, spans: spanSet{span}})
}

// chosenFrom returns the highest slot c such that a quorum voted for each slot from first to c;
// first − 1 where first itself lacks a quorum.
func (t *tally) chosenFrom(first Slot) Slot {
	next := first
	if t.quorum == 0 {
		return first - 1 // no membership yet
	}
	for {
		t.ends = t.ends[:0]
		for i := range t.votes {
			if span := t.votes[i].spans.around(next); !span.IsEmpty() {
				t.ends = append(t.ends, span.Last)
			}
		}
		if len(t.ends) < t.quorum {
			return next - 1
		}
		slices.Sort(t.ends)
		next = t.ends[len(t.ends)-t.quorum] + 1
	}
}

// hasChosen reports whether a quorum voted for each slot of span.
func (t *tally) hasChosen(span Span) bool {
	return span.IsEmpty() || t.chosenFrom(span.First) >= span.Last
}

// forget drops what was voted at slot and below, where spans end there.
func (t *tally) forget(slot Slot) {
	for i := range t.votes {
		t.votes[i].spans.forget(slot)
	}
}
