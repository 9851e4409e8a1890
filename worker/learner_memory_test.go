package worker

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/synod-log/synod/paxos"
)

// runOf is a run of slots, each with a byte that tells it.
func runOf(first, last paxos.Slot) paxos.Run {
	run := paxos.Run{First: first}
	for slot := first; slot <= last; slot++ {
		run.Values = append(run.Values, paxos.Value{Kind: paxos.KindValue, Data: []byte{byte(slot)}})
	}
	return run
}

func TestTheEndOfTheLogIsKeptUpToABoundAndAlwaysTheLastRun(t *testing.T) {
	m := newMemory(2 * runOf(1, 3).Size())
	m.add(runOf(1, 3))
	m.add(runOf(4, 6))
	if got, want := m.span(), (paxos.Span{First: 1, Last: 6}); got != want {
		t.Errorf("it keeps %v, want %v", got, want)
	}
	m.add(runOf(7, 7))
	if got, want := m.span(), (paxos.Span{First: 4, Last: 7}); got != want {
		t.Errorf("beyond the bound it keeps %v, want %v", got, want)
	}
	for slot, want := range map[paxos.Slot]paxos.Span{
		3: {}, 4: {First: 4, Last: 6}, 5: {First: 5, Last: 6}, 7: {First: 7, Last: 7}, 8: {},
	} {
		if got := m.at(slot).Span(); got != want {
			t.Errorf("from slot %d on it has %v, want %v", slot, got, want)
		}
	}
	m.add(runOf(8, 40))
	if got, want := m.span(), (paxos.Span{First: 8, Last: 40}); got != want {
		t.Errorf("of a run above the bound it keeps %v, want %v", got, want)
	}
}

func TestTheFeedPublishesWhatItIsToldAndPassesOverWhatIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(2 * runOf(1, 3).Size())
		f := newFeeder(m)
		var published []paxos.Slot
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		tell := func(span paxos.Span, want ...paxos.Slot) {
			t.Helper()
			published = nil
			f.feed(span)
			synctest.Wait()
			if !slices.Equal(published, want) {
				t.Errorf("told %v, it published %v, want %v", span, published, want)
			}
		}
		m.add(runOf(1, 3))
		f.feed(paxos.Span{First: 1, Last: 3}) // before it runs: the rest is told in time
		m.add(runOf(4, 6))
		f.feed(paxos.Span{First: 4, Last: 5})
		go f.run(ctx, &audience{}, func(slot paxos.Slot, value *paxos.Value, _ string) {
			if value.Data[0] != byte(slot) {
				t.Errorf("slot %d was published with %d", slot, value.Data)
			}
			published = append(published, slot)
		})
		synctest.Wait()
		if want := []paxos.Slot{1, 2, 3, 4, 5}; !slices.Equal(published, want) {
			t.Errorf("told before it ran, it published %v, want %v", published, want)
		}
		tell(paxos.Span{First: 6, Last: 6}, 6)
		tell(paxos.Span{First: 5, Last: 6}, 5, 6) // another learner was heard to end at 4
		m.add(runOf(7, 9))
		m.add(runOf(10, 12))
		tell(paxos.Span{First: 5, Last: 11}, 7, 8, 9, 10, 11)
		tell(paxos.Span{First: 13, Last: 13}) // never learned
		m.add(runOf(13, 13))
		tell(paxos.Span{First: 13, Last: 13}, 13)
	})
}
