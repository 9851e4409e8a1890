package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// What is restored of settled values lies in memory that is used again, since nobody needs it; and all
// else in memory of its own.
func TestWhatIsNotSettledMayBeKeptWhenItWasRestored(t *testing.T) {
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	saves := append(script(), []paxos.Record{accepted(3, 17, 2, 60)}, []paxos.Record{promised(4)},
		[]paxos.Record{accepted(4, 18, 3, 700)}, []paxos.Record{accepted(4, 25, 1, 300), settled(17)})
	for _, records := range saves {
		mustSave(t, s, records...)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var kept []paxos.Record
	s, err := store.Open(dir, options(fs), func(r paxos.Record) { kept = append(kept, r) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	unsettled := 0
	for i, want := range slices.Concat(saves...) {
		if r, ok := want.(*paxos.RepairedRecord); ok && r.Run.Last() <= 17 {
			continue
		}
		if r, ok := want.(*paxos.AcceptedRecord); ok {
			if r.Proposal.Run.Last() <= 17 {
				continue
			}
			unsettled++
		}
		if got, want := codec.AppendRecord(nil, kept[i]), codec.AppendRecord(nil, want); !slices.Equal(got, want) {
			t.Errorf("record %d is %x after all was restored, want %x", i+1, got, want)
		}
	}
	if names := segments(fs); unsettled != 3 || len(names) < 3 {
		t.Fatalf("%d records in %v have unsettled values", unsettled, names)
	}
}

// A batch may be much larger than what is read at a time, and so may what a crash leaves of it.
func TestABatchLargerThanAPieceIsReadWhole(t *testing.T) {
	for _, torn := range []bool{false, true} {
		t.Run(fmt.Sprintf("torn=%v", torn), func(t *testing.T) {
			fs := &memfs.FS{}
			o := options(fs)
			o.SegmentBytes = store.HeaderBytes + 64<<10
			s, _ := mustOpen(t, o)
			var want history
			for first := paxos.Slot(1); first < 100; first += 10 {
				records := []paxos.Record{accepted(1, first, 3, 900), accepted(1, first+3, 7, 300)}
				mustSave(t, s, records...)
				want.add(records...)
			}
			if fs = fs.Crash(0); torn { // its mark is lost
				from, end, _ := lastBatch(fs, "00000001.segment")
				fs.Flip(dir, "00000001.segment", int64(from+end)/2*8)
				want = want[:len(want)-2]
			}
			o.FS = fs
			s, restored, err := open(o)
			if err != nil {
				t.Fatal(err)
			}
			if len(restored) != len(want) || !restored.isPrefixOf(want) {
				t.Errorf("restored %d records, want %d", len(restored), len(want))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
