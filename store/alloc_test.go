package store_test

import (
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

// One write of one buffer, which is kept for the next batch: what a save allocates does not grow with the
// values in it.
func TestASaveAllocatesForBatchesNotForValues(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{Log: "main", Acceptor: "a1"}, discard)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const values = 100
	next := paxos.Slot(1)
	record := accepted(1, next, values, 128).(*paxos.AcceptedRecord)
	through := &paxos.SettledRecord{}
	batch := []paxos.Record{through, record}
	save := func() {
		record.Proposal.Run.First, through.Through = next, next-1
		mustSave(t, s, batch...)
		next += values
	}
	save() // makes the buffer
	allocations := testing.AllocsPerRun(50, save)
	if most := 8.0; allocations > most {
		t.Errorf("%v allocations for a batch of %d values, want at most %v", allocations, values, most)
	}
	t.Logf("%v allocations for a batch of %d values", allocations, values)
}
