package worker

import (
	"errors"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/memfs"
)

// alone is an acceptor that founds its log by itself, on a disk in memory, with nobody to talk to.
func alone(t *testing.T, disk *memfs.FS, source pageSource) *acceptor {
	t.Helper()
	a := &acceptor{log: "main", self: paxos.Address{Role: paxos.RoleAcceptor, ID: "a1"}}
	err := a.open(AcceptorOptions{
		Options:  Options{Log: "main", ID: "a1"},
		Founders: []string{"a1"}, Dir: "a1", SegmentBytes: 64 << 10, FS: disk,
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func(paxos.Message) {}
	a.reads = startReads(source, page, func() func(paxos.Message) { return send })
	a.hands = hands{
		save: a.save, send: send, read: a.read, logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	t.Cleanup(func() {
		a.reads.stop()
		if err := a.store.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := a.carryOut(a.core.Start()); err != nil {
		t.Fatal(err)
	}
	return a
}

// lets so many ticks pass.
func (a *acceptor) lets(t *testing.T, ticks int) {
	t.Helper()
	for range ticks {
		if err := a.carryOut(a.Tick()); err != nil {
			t.Fatal(err)
		}
	}
}

// did is what was done to the file that batches are written to, one letter each: w for a write, s for a
// sync. What else the store does in the background is left out.
func did(disk *memfs.FS) string {
	var text strings.Builder
	for number := 1; number <= disk.Operations(); number++ {
		op := disk.Operation(number)
		if strings.HasPrefix(op.Name, "00000001.") && (op.What == "write" || op.What == "sync") {
			text.WriteByte(op.What[0])
		}
	}
	return text.String()
}

// The mark tells damage to the last batch from a crash that tore it, where nothing is saved after it.
func TestAnAcceptorThatIsIdleMakesItsMarkDurableOnce(t *testing.T) {
	disk := &memfs.FS{}
	a := alone(t, disk, &shelf{})
	for ticks := 0; !a.core.Status().Voting; ticks++ {
		if ticks > 10_000 {
			t.Fatal("an acceptor that is the only founder never votes")
		}
		a.lets(t, 1)
	}
	founded := did(disk)
	if !strings.HasSuffix(founded, "wsw") {
		t.Fatalf("the disk was used as %q; the last batch is not written, synced, and marked", founded)
	}
	a.lets(t, markAfter-1-a.quiet)
	if got := did(disk); got != founded {
		t.Errorf("the disk was used as %q before the acceptor was idle for %d ticks", got[len(founded):], markAfter)
	}
	a.lets(t, 1)
	if got := did(disk); got != founded+"s" {
		t.Errorf("after %d idle ticks the disk was used as %q, want a sync", markAfter, got[len(founded):])
	}
	a.lets(t, 5*markAfter)
	if got := did(disk); got != founded+"s" {
		t.Errorf("while nothing is saved the disk was used as %q, want one sync", got[len(founded):])
	}
}

func TestAnAcceptorWhoseStoreFailsAReadEnds(t *testing.T) {
	broken := errors.New("slot 7 is not where it was saved")
	a := alone(t, &memfs.FS{}, &shelf{broken: broken})
	a.read(paxos.Read{First: 7, Through: 7})
	for len(a.reads.failed) == 0 {
		runtime.Gosched() // the readers work beside the loop
	}
	err := a.carryOut(paxos.Effects{})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "acceptor a1 of log main") {
		t.Errorf("the acceptor goes on, with %v; want its end, with whose store it is and %q", err, broken)
	}
}
