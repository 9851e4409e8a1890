package paxos

import (
	"math/rand/v2"
	"testing"
)

func TestIDsThatFollowEachOtherAreOneRangeWithinTheirBlock(t *testing.T) {
	reply := Value{ID: ReplyID("inbox", nil)}
	for _, test := range []struct {
		name   string
		values []Value
		want   int
	}{
		{"five that follow", numbered(7, 5), 5},
		{"the end of a block", numbered(blockIDs-2, 5), 2},
		{"a gap", append(numbered(7, 2), numbered(10, 2)...), 2},
		{"a reply's id between", append(append(numbered(7, 2), reply), numbered(9, 1)...), 2},
		{"the same twice", append(numbered(7, 1), numbered(7, 1)...), 1},
		{"the highest number, and what a sum would make of the next", append(numbered(1<<64-1, 1), numbered(0, 1)...), 1},
	} {
		got := rangeOf(test.values)
		if got.count != test.want {
			t.Errorf("%s: a range of %d, want %d", test.name, got.count, test.want)
		}
		for i := range got.count {
			if place, ok := got.find(test.values[i].ID); !ok || place != i {
				t.Errorf("%s: its id %d is found at %d, %v", test.name, i, place, ok)
			}
		}
	}
	other := Value{ID: ID{Kind: IDClient, Bytes: [16]byte{1, 15: 8}}}
	if got := rangeOf(append(numbered(7, 1), other)); got.count != 1 {
		t.Error("ids with other first bytes are taken to follow each other")
	}
}

// A window that keeps ranges must know what one that keeps each id by itself knows.
func TestAWindowOfRangesKnowsEachID(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	window := newIDWindow(Limits{IDWindow: 200, Flight: 50 * valueOverhead})
	known := map[ID][]Slot{}
	slot := Slot(1)
	for range 20_000 {
		values := numbered(uint64(r.IntN(3*blockIDs)), 1+r.IntN(20))
		for len(values) > 0 {
			ids := rangeOf(values)
			window.add(slot, ids)
			for i := range ids.count {
				known[values[i].ID] = append(known[values[i].ID], slot+Slot(i))
			}
			slot += Slot(ids.count)
			values = values[ids.count:]
		}
		id := numberedID(uint64(r.IntN(3 * blockIDs)))
		at := slot - Slot(r.IntN(40))
		settled := at - Slot(r.IntN(60))
		var want Slot
		for _, s := range known[id] {
			if s < at && s <= settled && at-s <= 200 {
				want = s
			}
		}
		if got, ok := window.settledBelow(at, id, settled); ok != (want != 0) || ok && got != want {
			t.Fatalf("settledBelow(%d, %v, %d) = %d, %v, want %d", at, id, settled, got, ok, want)
		}
	}
	if kept := window.ranges.next - window.ranges.from; kept > 300 {
		t.Errorf("%d ranges are kept for a window of 250 slots", kept)
	}
	if len(window.newest) > 3 {
		t.Errorf("%d blocks are remembered of 3 there are", len(window.newest))
	}
}

func TestRangesAreForgottenAndTheirMemoryUsedAgain(t *testing.T) {
	ranges := newChosenRanges()
	for slot := Slot(1); slot <= 10*rangesInPiece; slot++ {
		number := ranges.add(chosenIDs{slot: slot})
		if got := ranges.at(number).slot; got != slot {
			t.Fatalf("range %d is that of slot %d, want %d", number, got, slot)
		}
		if slot > 100 {
			ranges.forgetOldest()
		}
		if got := ranges.oldest().slot; got != Slot(ranges.from) {
			t.Fatalf("the oldest is of slot %d, want %d", got, ranges.from)
		}
	}
	if len(ranges.pieces) > 3 {
		t.Errorf("%d pieces of memory are in use for 100 ranges", len(ranges.pieces))
	}
}
