package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

var failures = []error{syscall.EIO, syscall.ENOSPC}

// checkNamed checks that an error says which operation failed, and on which file.
func checkNamed(t *testing.T, err error, failed memfs.Operation, where string) {
	t.Helper()
	segment := strings.Replace(failed.Name, ".next", ".segment", 1) // it was renamed meanwhile
	text := err.Error()
	if !strings.Contains(text, failed.What+" ") ||
		!strings.Contains(text, failed.Name) && !strings.Contains(text, segment) {
		t.Fatalf("%s: %v does not name it", where, err)
	}
}

// isOfPreparation reports whether an operation makes the segment to come ready, in the background. Its
// failure is none before that segment is needed, and then it is made once more.
func isOfPreparation(o memfs.Operation) bool { return strings.HasSuffix(o.Name, ".next") }

func TestAnErrorAtAnyOperationPoisonsTheStore(t *testing.T) {
	whole, _ := played(t)
	for _, failure := range failures {
		points := newAccount(fmt.Sprintf("%v at each operation", failure))
		for n := 1; n <= whole.Operations(); n++ {
			failed := whole.Operation(n)
			where := fmt.Sprintf("%v at operation %d (%v)", failure, n, failed)
			fs := &memfs.FS{}
			fs.FailAt(n, failure)
			o := play(fs)
			switch {
			case o.err == nil && !isOfPreparation(failed):
				t.Fatalf("%s: nobody was told", where)
			case o.err != nil && !errors.Is(o.err, failure):
				t.Fatalf("%s: the run ended with %v", where, o.err)
			case o.err != nil:
				checkNamed(t, o.err, failed, where)
				if got := written(fs, n); got > 0 && !isOfPreparation(failed) {
					t.Fatalf("%s: %d more writes and syncs were tried", where, got)
				}
			}
			if o.savedAfterFailure {
				t.Fatalf("%s: a later save succeeded", where)
			}
			points.begin()
			points.end(checkReopened(t, fs, o, where))
		}
		points.close(t, exact, discarded)
	}
}

// checkReopened checks a disk on which an operation failed. The process ends and starts again: what it
// then sees, a power failure must not take, though a sync that failed may have dropped it unseen. Nor
// must a power failure before it starts take anything acknowledged.
func checkReopened(t *testing.T, fs *memfs.FS, o outcome, where string) class {
	t.Helper()
	killed := fs.Kill()
	s, restored, err := open(options(killed))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	came := checkRestored(t, restored, o, where)
	for seed := range uint64(2) {
		checkHas(t, killed.Crash(seed), restored, where)
	}
	s.Close()
	for seed := range uint64(3) {
		checkRecovered(t, fs.Crash(seed), o, fmt.Sprintf("%s, then crash with seed %d", where, seed))
	}
	return came
}

func TestAnErrorAtAnyOperationOfARepairRefusesAndLosesNothing(t *testing.T) {
	whole, _ := played(t)
	for _, failure := range failures {
		points := newAccount(fmt.Sprintf("%v at each operation of the repair of each crash", failure))
		for n := 1; n <= whole.Operations(); n += every(24) {
			fs, o := crashed(t, n)
			for seed := range uint64(3) {
				for m := 1; ; m++ {
					repaired := fs.Crash(seed)
					repaired.FailAt(m, failure)
					s, _, err := open(options(repaired))
					where := fmt.Sprintf("crash at operation %d, seed %d, then %v at %d", n, seed, failure, m)
					if repaired.Operations() < m { // the repair was over before
						s.Close()
						break
					}
					points.begin()
					failed := repaired.Operation(m)
					if err == nil {
						if !isOfPreparation(failed) {
							t.Fatalf("%s: %v failed and nobody was told", where, failed)
						}
						s.Close()
						points.end(checkRecovered(t, repaired.Crash(seed), o, where))
						continue
					}
					var unreadable *store.UnreadableError
					if !errors.As(err, &unreadable) {
						t.Fatalf("%s: %v", where, err)
					}
					checkNamed(t, err, failed, where)
					checkRecovered(t, repaired.Kill(), o, where)
					checkRecovered(t, repaired.Crash(0), o, where)
					points.end(refused)
				}
			}
		}
		points.close(t, exact, discarded, refused)
	}
}

func TestAfterAnErrorEverySaveFails(t *testing.T) {
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	mustSave(t, s, promised(1))
	fs.FailAt(fs.Operations()+2, syscall.EIO) // the sync
	first := s.Save([]paxos.Record{promised(2)})
	if !errors.Is(first, syscall.EIO) {
		t.Fatalf("Save returned %v", first)
	}
	operations := fs.Operations()
	if again := s.Save([]paxos.Record{promised(3)}); again != first {
		t.Errorf("the next Save returned %v", again)
	}
	if err := s.MarkSynced(); err != first {
		t.Errorf("MarkSynced returned %v", err)
	}
	if got := s.Sequence(); got != 1 {
		t.Errorf("sequence is %d, want 1", got)
	}
	if err := s.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Close returned %v", err)
	}
	if written(fs, operations) > 0 {
		t.Error("a poisoned store wrote to its disk")
	}
}

func TestAFailureNamesTheFileTheOperationAndWhatToDo(t *testing.T) {
	for after, want := range map[int]string{
		1: "store a1 failed: write 00000001.segment: no space left on device; look at the space left",
		2: "store a1 failed: sync 00000001.segment: no space left on device; look at the space left",
	} {
		fs := &memfs.FS{}
		s, _ := mustOpen(t, options(fs))
		fs.FailAt(fs.Operations()+after, syscall.ENOSPC)
		err := s.Save([]paxos.Record{promised(1)})
		var failed *store.FailedError
		if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("operation %d: %v, want %q", after, err, want)
		}
	}
}

func TestAFailureToCloseSaysWhatToDoToo(t *testing.T) {
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	mustSave(t, s, promised(1))
	fs.FailAt(fs.Operations()+1, syscall.EIO)
	var failed *store.FailedError
	if err := s.Close(); !errors.As(err, &failed) {
		t.Errorf("Close returned %v", err)
	}
}

func TestTheSystemsOwnNameOfAFileIsNotTold(t *testing.T) {
	made := &fs.PathError{Op: "write", Path: "/data/00000001.next", Err: syscall.EIO}
	for name, err := range map[string]error{
		"a path": made, "a call": os.NewSyscallError("fdatasync", syscall.EIO), "bare": syscall.EIO,
	} {
		got := store.Refused("sync", "00000001.segment", err)
		if got.Error() != "sync 00000001.segment: input/output error" || !errors.Is(got, syscall.EIO) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAFullDiskIsNoErrorBeforeItsSpaceIsNeeded(t *testing.T) {
	const prepared = "00000003.next"
	fill := func(fs *memfs.FS) {
		s, _ := mustOpen(t, options(fs))
		for fs.Bytes(dir, "00000004.segment") == nil {
			mustSave(t, s, accepted(1, 1, 1, 100))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	whole := &memfs.FS{}
	fill(whole)
	tried := map[string]bool{}
	for n := 1; n <= whole.Operations(); n++ {
		failed := whole.Operation(n)
		if failed.Name != prepared || tried[failed.What] || len(tried) == 3 {
			continue // what comes after creating, writing and syncing it is no preparation
		}
		tried[failed.What] = true
		fs := &memfs.FS{}
		fs.FailAt(n, syscall.ENOSPC)
		fill(fs)
		s, restored := mustOpen(t, options(fs))
		if len(restored) == 0 {
			t.Errorf("%v: nothing was restored", failed)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if !tried["create"] || !tried["write"] || !tried["sync"] {
		t.Errorf("only %v failed", tried)
	}
}
