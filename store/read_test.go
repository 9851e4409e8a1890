package store_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// life is random records as an acceptor makes them: runs in order and out of it, some slots recorded
// again in higher ballots before they are settled, holes filled late, values repaired.
type life struct {
	random  *rand.Rand
	round   uint64
	settled paxos.Slot
	highest paxos.Slot
	held    map[paxos.Slot]bool
}

func (l *life) next() paxos.Record {
	switch l.random.IntN(10) {
	case 0:
		l.round++
		return promised(l.round)
	case 1, 2:
		return settled(l.settle(l.settled + paxos.Slot(l.random.IntN(60))))
	case 3:
		first, count := l.settled+1, 1+l.random.IntN(3)
		l.hold(first, count)
		l.settle(first + paxos.Slot(count) - 1)
		return repaired(l.round, first, count, l.random.IntN(100))
	}
	first := l.highest + 1
	if l.random.IntN(3) == 0 {
		first = l.settled + 1 + paxos.Slot(l.random.Uint64N(uint64(l.highest-l.settled)+20))
	}
	count := 1 + l.random.IntN(8)
	l.hold(first, count)
	return accepted(l.round, first, count, l.random.IntN(200))
}

func (l *life) hold(first paxos.Slot, count int) {
	for slot := first; slot < first+paxos.Slot(count); slot++ {
		l.held[slot] = true
	}
	l.highest = max(l.highest, first+paxos.Slot(count)-1)
}

// settle settles through a slot, or as far below it as all slots are held.
func (l *life) settle(through paxos.Slot) paxos.Slot {
	for l.settled < through && l.held[l.settled+1] {
		l.settled++
	}
	l.highest = max(l.highest, l.settled)
	return l.settled
}

func TestReadsGiveWhatWasRecordedLast(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			l := life{random: random, round: 1, held: map[paxos.Slot]bool{}}
			fs := &memfs.FS{}
			o := options(fs)
			o.SegmentBytes = store.HeaderBytes + 1<<(10+random.IntN(10))
			s, _ := mustOpen(t, o)
			var m model
			for range 400 {
				var records []paxos.Record
				for range 1 + random.IntN(4) {
					records = append(records, l.next())
				}
				mustSave(t, s, records...)
				m.add(records...)
			}
			if m.settled < 100 {
				t.Fatalf("only %d slots were settled", m.settled)
			}
			m.check(t, s, random)
			entries := s.Entries()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s, _ = mustOpen(t, o)
			m.check(t, s, random)
			if got := s.Entries(); got != entries {
				t.Errorf("the index has %d entries after opening anew, and had %d", got, entries)
			}
		})
	}
}

func TestAPageHasAsManyValuesAsFitButAtLeastOne(t *testing.T) {
	s, _ := mustOpen(t, options(&memfs.FS{}))
	mustSave(t, s, accepted(1, 1, 10, 100), settled(10), accepted(1, 11, 2, 100))
	one := run(1, 1, 1, 100).Size()
	for _, c := range []struct {
		first, through paxos.Slot
		maxBytes, want int
	}{
		{1, 10, 0, 1}, {1, 10, one, 1}, {1, 10, 2*one - 1, 1}, {1, 10, 2 * one, 2},
		{1, 10, 100 * one, 10}, {0, 3, 100 * one, 3}, {9, 20, 100 * one, 2}, {4, 4, 100 * one, 1},
		{5, 4, 100 * one, 0}, {11, 12, 100 * one, 0},
	} {
		got, err := s.Read(c.first, c.through, c.maxBytes, false)
		if err != nil || len(got.Values) != c.want {
			t.Errorf("slots %d to %d in %d bytes: %d values, %v; want %d",
				c.first, c.through, c.maxBytes, len(got.Values), err, c.want)
		}
	}
	ids, err := s.Read(2, 3, 1000, true)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range run(1, 2, 2, 100).Values {
		if got := ids.Values[i]; !got.Equal(paxos.Value{Kind: want.Kind, ID: want.ID}) {
			t.Errorf("slot %d has %+v beside its kind and id", i+2, got)
		}
	}
}

func TestReadsAndSavesDoNotDisturbEachOther(t *testing.T) {
	o := options(&memfs.FS{})
	o.SegmentBytes = store.HeaderBytes + 8192
	s, _ := mustOpen(t, o)
	const last = 600
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for next := paxos.Slot(1); next <= last; {
				page, err := s.Read(next, last, 5000, false)
				if err != nil {
					t.Error(err)
					return
				}
				for i, value := range page.Values {
					if want := run(2, next+paxos.Slot(i), 1, 60).Values[0]; !value.Equal(want) {
						t.Errorf("slot %d is %q", next+paxos.Slot(i), value.Data)
						return
					}
				}
				next += paxos.Slot(len(page.Values))
				_ = s.Sequence()
			}
		})
	}
	for slot := paxos.Slot(1); slot <= last; slot++ {
		mustSave(t, s, accepted(1, slot, 1, 60))
		mustSave(t, s, accepted(2, slot, 1, 60), settled(slot))
	}
	readers.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestARepairThatOverlapsSettledSlotsChangesNone(t *testing.T) {
	s, _ := mustOpen(t, options(&memfs.FS{}))
	records := []paxos.Record{accepted(1, 1, 5, 30), settled(3), repaired(1, 2, 6, 30)}
	var m model
	m.add(records...)
	mustSave(t, s, records...)
	if m.settled != 7 {
		t.Fatalf("settled through %d", m.settled)
	}
	m.check(t, s, rand.New(rand.NewPCG(1, 1)))
}

func TestTheIndexDoesNotGrowWithTheNumberOfValues(t *testing.T) {
	o := options(&memfs.FS{})
	o.SegmentBytes = 1 << 20
	s, _ := mustOpen(t, o)
	const batches, each = 100, 100
	for i := range batches {
		var records []paxos.Record
		for j := range each {
			records = append(records, accepted(1, paxos.Slot(i*each+j+1), 1, 128))
		}
		mustSave(t, s, append(records, settled(paxos.Slot((i+1)*each)))...)
	}
	// 10,000 frames of some 250 bytes, an entry for each 64 KiB.
	if got := s.Entries(); got > 50 {
		t.Errorf("%d values took %d entries", batches*each, got)
	}
}

func TestAPageOfIDsReadsABoundedNumberOfBytes(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{Log: "main", Acceptor: "a1", SegmentBytes: 8 << 20}, func(paxos.Record) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	run := paxos.Run{First: 1}
	for range 100 {
		run.Values = append(run.Values, paxos.Value{Kind: paxos.KindValue, Data: make([]byte, 10_000)})
	}
	if err := s.Save([]paxos.Record{&paxos.RepairedRecord{Run: run}}); err != nil {
		t.Fatal(err)
	}
	page, err := s.Read(1, 100, 10_000, true)
	if got := len(page.Values); err != nil || got == 0 || got > 16 {
		t.Errorf("a page of ids has %d of 100 values of 10,000 bytes (%v), want 16 at most", got, err)
	}
}
