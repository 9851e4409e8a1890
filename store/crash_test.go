package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/memfs"
)

// checkRecovered opens a disk that a crash left, and checks that it has all that was acknowledged and
// nothing that was not attempted, that it goes on, and that it then still has all it had.
func checkRecovered(t *testing.T, fs *memfs.FS, o outcome, where string) class {
	t.Helper()
	s, restored, err := open(options(fs))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	came := checkRestored(t, restored, o, where)
	if got := s.Sequence(); got != uint64(len(restored)) {
		t.Fatalf("%s: sequence is %d after %d records", where, got, len(restored))
	}
	more := []paxos.Record{promised(9), accepted(9, 40, 1, 300), promised(10)}
	mustSave(t, s, more...)
	want := append(history{}, restored...)
	want.add(more...)
	checkHas(t, fs.Crash(0), want, where+", and gone on")
	return came
}

func checkRestored(t *testing.T, restored history, o outcome, where string) class {
	t.Helper()
	if len(restored) < o.acked || !restored.isPrefixOf(o.attempted) {
		t.Fatalf("%s: restored %d records, of %d acknowledged and %d attempted",
			where, len(restored), o.acked, len(o.attempted))
	}
	if len(restored) < len(o.attempted) {
		return discarded
	}
	return exact
}

func checkHas(t *testing.T, fs *memfs.FS, want history, where string) {
	t.Helper()
	s, again, err := open(options(fs))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	if !want.isPrefixOf(again) || len(again) != len(want) {
		t.Fatalf("%s: %d records came back of %d", where, len(again), len(want))
	}
	if err := s.Close(); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
}

// crashed plays the script up to an operation, at which the power fails.
func crashed(t *testing.T, operation int) (*memfs.FS, outcome) {
	t.Helper()
	fs := &memfs.FS{}
	fs.StopAt(operation)
	o := play(fs)
	if !errors.Is(o.err, memfs.ErrStopped) {
		t.Fatalf("operation %d: the run ended with %v", operation, o.err)
	}
	return fs, o
}

// left is what a crash left, and which crash it was.
type left struct {
	fs  *memfs.FS
	how string
}

// crashes are the ways in which a disk can crash now: with everything kept and everything lost, with
// each change alone kept and alone lost, and with some mixes.
func crashes(fs *memfs.FS, mixes uint64) []left {
	var all []left
	for seed := range 2 + mixes {
		all = append(all, left{fs.Crash(seed), fmt.Sprintf("seed %d", seed)})
	}
	for seed := range mixes {
		all = append(all, left{fs.CrashScattered(seed + 2), fmt.Sprintf("bytes by seed %d", seed)})
	}
	changes, _ := fs.Unsynced()
	for change := range changes {
		all = append(all,
			left{fs.CrashKeeping(change), fmt.Sprintf("change %d of %d alone kept", change, changes)},
			left{fs.CrashLosing(change), fmt.Sprintf("change %d of %d alone lost", change, changes)})
	}
	return all
}

func TestACrashAtAnyOperationLosesNothingAcknowledged(t *testing.T) {
	whole, _ := played(t)
	points := newAccount("crash at each operation")
	for n := 1; n <= whole.Operations(); n++ {
		fs, o := crashed(t, n)
		for _, left := range crashes(fs, 2) {
			points.begin()
			where := fmt.Sprintf("crash at operation %d (%v), %s", n, whole.Operation(n), left.how)
			points.end(checkRecovered(t, left.fs, o, where))
		}
	}
	points.close(t, exact, discarded)
}

// The store counts on sectors that are written whole, but only for batches that share one. A write torn
// at any byte, forward or backward, leaves old bytes that are those of the batches before.
func TestAWriteTornAtAnyByteIsNoticed(t *testing.T) {
	whole, _ := played(t)
	points := newAccount("write torn at each byte")
	for n := 1; n <= whole.Operations(); n++ {
		if whole.Operation(n).What != "write" {
			continue
		}
		fs, o := crashed(t, n)
		_, bytes := fs.Unsynced()
		for at := 0; at <= bytes; at += every(5) {
			for _, fromBehind := range []bool{false, true} {
				points.begin()
				where := fmt.Sprintf("write %d torn at byte %d of %d, %v", n, at, bytes, fromBehind)
				torn := fs.CrashTorn(at, fromBehind)
				if at%16 == 0 {
					points.end(checkRecovered(t, torn, o, where))
					continue
				}
				_, restored, err := open(options(torn))
				if err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				points.end(checkRestored(t, restored, o, where))
			}
		}
	}
	points.close(t, exact, discarded)
}

func TestACrashWhileACrashIsBeingRepairedLosesNothing(t *testing.T) {
	whole, _ := played(t)
	points := newAccount("crash at each operation of the repair of each crash")
	for n := 1; n <= whole.Operations(); n += every(48) {
		fs, o := crashed(t, n)
		for _, first := range crashes(fs, 1) {
			for m := 1; ; m++ {
				repaired := first.fs.Kill()
				repaired.StopAt(m)
				if s, _, err := open(options(repaired)); err == nil {
					s.Close()
					break
				}
				for seed := range uint64(3) {
					points.begin()
					where := fmt.Sprintf("crash at operation %d, %s, and %d of the repair, seed %d",
						n, first.how, m, seed)
					if m%4 != 0 {
						_, restored, err := open(options(repaired.Crash(seed)))
						if err != nil {
							t.Fatalf("%s: %v", where, err)
						}
						points.end(checkRestored(t, restored, o, where))
						continue
					}
					points.end(checkRecovered(t, repaired.Crash(seed), o, where))
				}
			}
		}
	}
	points.close(t, exact, discarded)
}

func TestWhatIsRestoredAfterAKillIsDurable(t *testing.T) {
	whole, _ := played(t)
	points := newAccount("kill at each operation, then crash")
	for n := 1; n <= whole.Operations(); n++ {
		fs, o := crashed(t, n)
		killed := fs.Kill()
		s, restored, err := open(options(killed))
		if err != nil {
			t.Fatalf("kill at operation %d: %v", n, err)
		}
		came := checkRestored(t, restored, o, fmt.Sprintf("kill at operation %d", n))
		for _, left := range crashes(killed, 2) {
			points.begin()
			checkHas(t, left.fs, restored, fmt.Sprintf("kill at operation %d, then crash, %s", n, left.how))
			points.end(came)
		}
		s.Close()
	}
	points.close(t, exact, discarded)
}

func TestAnIdleStoreIsMarkedOnce(t *testing.T) {
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	mustSave(t, s, promised(1))
	if err := s.MarkSynced(); err != nil {
		t.Fatal(err)
	}
	marked := fs.Operations()
	if err := s.MarkSynced(); err != nil {
		t.Fatal(err)
	}
	if got := fs.Operations(); got != marked {
		t.Errorf("%d operations marked a marked store", got-marked)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := written(fs, marked); got > 0 {
		t.Errorf("closing a marked store wrote %d times", got)
	}
	if s, restored := mustOpen(t, options(fs)); len(restored) != 1 || s.Sequence() != 1 {
		t.Errorf("a mark counts as a record: %d, sequence %d", len(restored), s.Sequence())
	}
}

// written counts the operations after one of a number that write or sync.
func written(fs *memfs.FS, after int) (count int) {
	for n := after + 1; n <= fs.Operations(); n++ {
		switch fs.Operation(n).What {
		case "create", "write", "sync", "rename", "remove", "sync directory":
			count++
		}
	}
	return count
}
