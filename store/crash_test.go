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

// seeds is in how many ways each crash tears the disk.
const seeds = 8

// stride is a step through a run's operations, longer where time is short.
func stride(step int) int {
	if testing.Short() {
		return step + 6
	}
	return step
}

// checkRecovered opens a disk that a crash left, and checks that it has all that was acknowledged and
// nothing that was not attempted, that it goes on, and that it then still has all it had.
func checkRecovered(t *testing.T, fs *memfs.FS, o outcome, where string) history {
	t.Helper()
	s, restored, err := open(options(fs))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	if len(restored) < o.acked || !restored.isPrefixOf(o.attempted) {
		t.Fatalf("%s: restored %d records, of %d acknowledged and %d attempted",
			where, len(restored), o.acked, len(o.attempted))
	}
	if got := s.Sequence(); got != uint64(len(restored)) {
		t.Fatalf("%s: sequence is %d after %d records", where, got, len(restored))
	}
	more := []paxos.Record{promised(9), accepted(9, 40, 1, 300), promised(10)}
	mustSave(t, s, more...)
	want := append(history{}, restored...)
	want.add(more...)
	checkHas(t, fs.Crash(0), want, where+", and gone on")
	return restored
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

func TestACrashAtAnyOperationLosesNothingAcknowledged(t *testing.T) {
	whole, _ := played(t)
	torn := 0
	for n := 1; n <= whole.Operations(); n += stride(1) {
		fs := &memfs.FS{}
		fs.StopAt(n)
		o := play(fs)
		if !errors.Is(o.err, memfs.ErrStopped) {
			t.Fatalf("operation %d: the run ended with %v", n, o.err)
		}
		for seed := range uint64(seeds) {
			where := fmt.Sprintf("crash at operation %d, seed %d", n, seed)
			if got := checkRecovered(t, fs.Crash(seed), o, where); len(got) < len(o.attempted) {
				torn++
			}
		}
	}
	if torn == 0 {
		t.Fatal("no crash lost anything, so that nothing was tested")
	}
}

func TestACrashWhileACrashIsBeingRepairedLosesNothing(t *testing.T) {
	whole, _ := played(t)
	for n := 1; n <= whole.Operations(); n += stride(5) {
		fs := &memfs.FS{}
		fs.StopAt(n)
		o := play(fs)
		for seed := range uint64(4) {
			for m := 1; ; m++ {
				left := fs.Crash(seed)
				left.StopAt(m)
				s, _, err := open(options(left))
				if err == nil {
					s.Close()
					break
				}
				where := fmt.Sprintf("crash at operation %d, seed %d, and %d of the repair", n, seed, m)
				checkRecovered(t, left.Crash(seed+3), o, where)
			}
		}
	}
}

func TestWhatIsRestoredAfterAKillIsDurable(t *testing.T) {
	whole, _ := played(t)
	for n := 1; n <= whole.Operations(); n += stride(1) {
		fs := &memfs.FS{}
		fs.StopAt(n)
		o := play(fs)
		killed := fs.Kill()
		s, restored, err := open(options(killed))
		if err != nil {
			t.Fatalf("kill at operation %d: %v", n, err)
		}
		if len(restored) < o.acked {
			t.Fatalf("kill at operation %d: %d records of %d", n, len(restored), o.acked)
		}
		for seed := range uint64(seeds) {
			where := fmt.Sprintf("kill at operation %d, then crash with seed %d", n, seed)
			checkHas(t, killed.Crash(seed), restored, where)
		}
		s.Close()
	}
}

func TestAnErrorAtAnyOperationPoisonsTheStore(t *testing.T) {
	whole, _ := played(t)
	for _, failure := range []error{syscall.EIO, syscall.ENOSPC} {
		for n := 1; n <= whole.Operations(); n += stride(1) {
			where := fmt.Sprintf("%v at operation %d", failure, n)
			fs := &memfs.FS{}
			fs.FailAt(n, failure)
			o := play(fs)
			if o.err != nil && !errors.Is(o.err, failure) {
				t.Fatalf("%s: the run ended with %v", where, o.err)
			}
			// The process ends and starts again: what it then sees, a power failure must not take.
			killed := fs.Kill()
			s, restored, err := open(options(killed))
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			if len(restored) < o.acked || !restored.isPrefixOf(o.attempted) {
				t.Fatalf("%s: %d records of %d", where, len(restored), o.acked)
			}
			checkHas(t, killed.Crash(0), restored, where)
			s.Close()
			for seed := range uint64(2) {
				checkRecovered(t, fs.Crash(seed), o, where)
			}
		}
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
	if fs.Operations() != operations {
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
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := fs.Operations(); got != marked {
		t.Errorf("%d operations marked a marked store", got-marked)
	}
	if s, restored := mustOpen(t, options(fs)); len(restored) != 1 || s.Sequence() != 1 {
		t.Errorf("a mark counts as a record: %d, sequence %d", len(restored), s.Sequence())
	}
}

func TestAFullDiskIsNoErrorBeforeItsSpaceIsNeeded(t *testing.T) {
	// Where the next segment's zeros are written, learned from a run without a fault.
	fill := func(fs *memfs.FS, through string) (last int) {
		s, _ := mustOpen(t, options(fs))
		for fs.Bytes(dir, through) == nil {
			mustSave(t, s, accepted(1, 1, 1, 100))
		}
		last = fs.Operations()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return last
	}
	saved := fill(&memfs.FS{}, "00000003.next")

	// The last operations: to create, fill and sync the segment to come, and to write and sync a batch.
	for n := saved - 4; n <= saved-2; n++ {
		fs := &memfs.FS{}
		fs.FailAt(n, syscall.ENOSPC)
		fill(fs, "00000004.segment")
		if fs.Operations() <= saved {
			t.Error("the run did not come to the failure")
		}
		s, restored := mustOpen(t, options(fs))
		if len(restored) == 0 {
			t.Error("nothing was restored")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
