package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/link"
)

// TestALateReaderGetsEveryValueThatTheClientHadAcknowledged proposes many values with the Go client while the
// leader is killed, and then reads the log from its beginning, most of it from the acceptors' stores.
func TestALateReaderGetsEveryValueThatTheClientHadAcknowledged(t *testing.T) {
	c := startCluster(t)
	log, err := client.New(c.connect(), "main", client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	count, atOnce := times(20_000, 1_000_000), 5000
	slots := make([]uint64, 0, count)
	began := time.Now()
	for len(slots) < count {
		if len(slots) == count/2 {
			c.workers[c.awaitLeader()].Kill()
		}
		slots = append(slots, proposeNumbered(ctx, t, log, len(slots), atOnce)...)
	}
	t.Logf("%d values acknowledged in %v", count, time.Since(began).Round(time.Millisecond))

	votes, err := client.New(c.connect(), "main", client.Options{Learn: &link.Options{URL: c.url}})
	if err != nil {
		t.Fatal(err)
	}
	defer votes.Close()
	for name, reader := range map[string]*client.Client{"by the feed and reads": log, "by learning": votes} {
		began := time.Now()
		requireNumbered(ctx, t, reader, slots)
		t.Logf("%s: read in %v", name, time.Since(began).Round(time.Millisecond))
	}
}

// numbered is the nth value, of about 128 bytes.
func numbered(n int) string { return fmt.Sprintf("%0128d", n) }

// proposeNumbered proposes values and returns their slots.
func proposeNumbered(ctx context.Context, t *testing.T, log *client.Client, first, count int) []uint64 {
	t.Helper()
	proposals := make([]client.Proposal, count)
	for i := range proposals {
		proposals[i].Value = []byte(numbered(first + i))
	}
	outcomes, err := log.ProposeAll(ctx, proposals)
	if err != nil {
		t.Fatal(err)
	}
	slots := make([]uint64, count)
	for i, outcome := range outcomes {
		slots[i] = outcome.Slot
	}
	return slots
}

// requireNumbered reads until the last of the slots, and requires that the nth value is in the nth of them and
// nowhere else, and no slot is missing.
func requireNumbered(ctx context.Context, t *testing.T, log *client.Client, slots []uint64) {
	t.Helper()
	at := make(map[uint64]int, len(slots))
	last := uint64(0)
	for n, slot := range slots {
		at[slot] = n
		last = max(last, slot)
	}
	if len(at) != len(slots) {
		t.Fatalf("%d values have %d slots", len(slots), len(at))
	}
	next := uint64(1)
	for entry, err := range log.Entries(ctx, 1) {
		if err != nil {
			t.Fatalf("reading ended at slot %d: %v", next, err)
		}
		if entry.Slot != next {
			t.Fatalf("slot %d came, want %d", entry.Slot, next)
		}
		next++
		n, isOurs := at[entry.Slot]
		if isOurs == entry.Noop || isOurs && string(entry.Value) != numbered(n) {
			t.Fatalf("slot %d holds %q (no-op: %v); want value %d (ours: %v)", entry.Slot, entry.Value, entry.Noop, n, isOurs)
		}
		if entry.Slot == last {
			return
		}
	}
}
