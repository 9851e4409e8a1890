package memfs_test

import (
	"bytes"
	"errors"
	"syscall"
	"testing"

	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

const dir, name = "a1", "file"

// create makes a file of two sectors of ones, durably.
func create(t *testing.T, fs *memfs.FS) (store.Root, store.File) {
	t.Helper()
	root, err := fs.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	file, err := root.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, 1)
	if err := errors.Join(file.Sync(), root.Sync()); err != nil {
		t.Fatal(err)
	}
	return root, file
}

func write(t *testing.T, file store.File, fill byte) {
	t.Helper()
	if _, err := file.WriteAt(bytes.Repeat([]byte{fill}, 1024), 0); err != nil {
		t.Fatal(err)
	}
}

// left is the first byte of each sector that crashes of many seeds leave.
func left(fs *memfs.FS) map[[2]byte]bool {
	outcomes := map[[2]byte]bool{}
	for seed := range uint64(100) {
		data := fs.Crash(seed).Bytes(dir, name)
		outcomes[[2]byte{data[0], data[512]}] = true
	}
	return outcomes
}

func TestWhatWasSyncedIsNeverLost(t *testing.T) {
	fs := &memfs.FS{}
	create(t, fs)
	if got := left(fs); len(got) != 1 || !got[[2]byte{1, 1}] {
		t.Errorf("left %v", got)
	}
}

func TestSectorsNotSyncedAreLostInAnyOrder(t *testing.T) {
	fs := &memfs.FS{}
	_, file := create(t, fs)
	write(t, file, 2)
	write(t, file, 3)
	if got := left(fs); len(got) != 9 {
		t.Errorf("left %v, want each version of each sector", got)
	}
	if data := fs.Crash(0).Bytes(dir, name); data[0] != 1 || data[512] != 1 {
		t.Error("seed 0 kept something")
	}
	if data := fs.Crash(1).Bytes(dir, name); data[0] != 3 || data[512] != 3 {
		t.Error("seed 1 lost something")
	}
}

func TestWhatAFailedSyncForgotNoLaterSyncSaves(t *testing.T) {
	fs := &memfs.FS{}
	_, file := create(t, fs)
	write(t, file, 2)
	fs.FailAt(fs.Operations()+1, syscall.EIO)
	if err := file.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got %v", err)
	}
	if err := file.Sync(); err != nil {
		t.Fatalf("the next sync said %v", err)
	}
	if data := fs.Crash(0).Bytes(dir, name); data[0] != 1 {
		t.Error("the next sync saved it")
	}
	if data := fs.Kill().Bytes(dir, name); data[0] != 2 {
		t.Error("it can no longer be read")
	}
	write(t, file, 2)
	if err := file.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := left(fs); len(got) != 1 || !got[[2]byte{2, 2}] {
		t.Errorf("written again and synced, it leaves %v", got)
	}
}

func TestNamesNotSyncedAreForgotten(t *testing.T) {
	fs := &memfs.FS{}
	root, _ := create(t, fs)
	if err := root.Rename(name, "other"); err != nil {
		t.Fatal(err)
	}
	if got := fs.Crash(0).Names(dir); len(got) != 1 || got[0] != name {
		t.Errorf("the rename was kept: %v", got)
	}
	if got := fs.Crash(1).Names(dir); len(got) != 1 || got[0] != "other" {
		t.Errorf("the rename was lost: %v", got)
	}
	if err := root.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := fs.Crash(0).Names(dir); len(got) != 1 || got[0] != "other" {
		t.Errorf("the synced rename was lost: %v", got)
	}
}

func TestAStoppedDiskDoesNothingMore(t *testing.T) {
	fs := &memfs.FS{}
	_, file := create(t, fs)
	fs.StopAt(fs.Operations() + 1)
	for _, fill := range []byte{2, 3} {
		if _, err := file.WriteAt([]byte{fill}, 0); !errors.Is(err, memfs.ErrStopped) {
			t.Fatalf("got %v", err)
		}
	}
	if got := left(fs); len(got) != 2 || !got[[2]byte{1, 1}] || !got[[2]byte{2, 1}] {
		t.Errorf("left %v", got)
	}
}

func TestACrashKeepsOrLosesOneChangeAlone(t *testing.T) {
	fs := &memfs.FS{}
	_, file := create(t, fs)
	write(t, file, 2)
	if changes, bytes := fs.Unsynced(); changes != 2 || bytes != 1024 {
		t.Fatalf("%d changes and %d bytes are not synced", changes, bytes)
	}
	for change, want := range [][2]byte{{2, 1}, {1, 2}} {
		kept, lost := fs.CrashKeeping(change).Bytes(dir, name), fs.CrashLosing(change).Bytes(dir, name)
		if got := [2]byte{kept[0], kept[512]}; got != want {
			t.Errorf("change %d alone kept leaves %v", change, got)
		}
		if got := [2]byte{3 - lost[0], 3 - lost[512]}; got != want {
			t.Errorf("change %d alone lost leaves %v", change, lost)
		}
	}
}

func TestACrashTearsAtAnyByte(t *testing.T) {
	fs := &memfs.FS{}
	_, file := create(t, fs)
	write(t, file, 2)
	for _, at := range []int{0, 1, 511, 512, 700, 1024} {
		forward, backward := fs.CrashTorn(at, false).Bytes(dir, name), fs.CrashTorn(at, true).Bytes(dir, name)
		if bytes.Count(forward[:at], []byte{2}) != at || bytes.Count(forward[at:], []byte{1}) != 1024-at {
			t.Errorf("torn at byte %d", at)
		}
		if bytes.Count(backward[:at], []byte{1}) != at || bytes.Count(backward[at:], []byte{2}) != 1024-at {
			t.Errorf("torn from behind at byte %d", at)
		}
	}
}

func TestAnErrorNamesTheOperationAndTheFile(t *testing.T) {
	fs := &memfs.FS{}
	_, file := create(t, fs)
	fs.FailAt(fs.Operations()+1, syscall.ENOSPC)
	_, err := file.WriteAt([]byte{1}, 0)
	if err == nil || err.Error() != "write file: no space left on device" {
		t.Errorf("got %v", err)
	}
	if got := fs.Operation(fs.Operations()); got != (memfs.Operation{What: "write", Name: name}) {
		t.Errorf("it was %v", got)
	}
}
