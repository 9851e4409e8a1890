package store_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

func discard(paxos.Record) {}

// onDisk is options for a store on the operating system's file system.
func onDisk() store.Options {
	return store.Options{Log: "main", Acceptor: "a1", SegmentBytes: 1 << 16}
}

func TestWhatWasSavedIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "synod", "a1")
	s, err := store.Open(path, onDisk(), func(paxos.Record) { t.Error("a new store has a record") })
	if err != nil {
		t.Fatal(err)
	}
	id := s.ID()
	if id == (paxos.StoreID{}) {
		t.Error("the store has no id")
	}
	var want history
	for _, records := range script() {
		mustSave(t, s, records...)
		want.add(records...)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("saving to a closed store returned %v", err)
	}
	var got history
	s, err = store.Open(path, onDisk(), func(r paxos.Record) { got.add(r) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(got) != len(want) || !got.isPrefixOf(want) {
		t.Errorf("restored %d records of %d, or others", len(got), len(want))
	}
	if s.ID() != id || s.Sequence() != uint64(len(want)) {
		t.Errorf("store %v at %d is not store %v at %d", s.ID(), s.Sequence(), id, len(want))
	}
}

func TestADirectoryIsUsedByOneStoreAtATime(t *testing.T) {
	path := t.TempDir()
	s, err := store.Open(path, onDisk(), discard)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(path, onDisk(), discard)
	var inUse *store.InUseError
	if !errors.As(err, &inUse) || inUse.Dir != path {
		t.Fatalf("got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(path, onDisk(), discard); err != nil {
		t.Fatalf("after closing: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAnothersStoreIsRefused(t *testing.T) {
	disk, _ := played(t)
	for _, c := range []struct{ log, acceptor, what, holds string }{
		{"main", "a2", "acceptor", "a1"},
		{"other", "a1", "log", "main"},
	} {
		o := options(disk)
		o.Log, o.Acceptor = c.log, c.acceptor
		restored := 0
		_, err := store.Open(dir, o, func(paxos.Record) { restored++ })
		var identity *store.IdentityError
		if !errors.As(err, &identity) || identity.What != c.what || identity.Holds != c.holds {
			t.Errorf("acceptor %s of log %s got %v", c.acceptor, c.log, err)
		}
		if restored > 0 {
			t.Errorf("acceptor %s of log %s was given another's records", c.acceptor, c.log)
		}
	}
}

func TestANewerFormatIsRefusedByItsName(t *testing.T) {
	disk, _ := played(t)
	const name = "00000002.segment"
	data := disk.Bytes(dir, name)
	binary.LittleEndian.PutUint32(data[8:], 2)
	table := crc32.MakeTable(crc32.Castagnoli)
	checksum := crc32.Checksum(data[:store.HeaderBytes-4], table)
	binary.LittleEndian.PutUint32(data[store.HeaderBytes-4:], checksum)
	disk.Put(dir, name, data)
	_, _, err := open(options(disk))
	var format *store.FormatError
	if !errors.As(err, &format) || format.File != name || format.Version != 2 {
		t.Errorf("got %v", err)
	}
}

func TestASegmentOfAnotherStoreIsDamage(t *testing.T) {
	mine, _ := played(t)
	others := &memfs.FS{}
	o := options(others)
	o.NewID = func() paxos.StoreID { return paxos.StoreID{8} }
	s, _ := mustOpen(t, o)
	for _, records := range script() {
		mustSave(t, s, records...)
	}
	const name = "00000002.segment"
	mine.Put(dir, name, others.Bytes(dir, name))
	if _, _, err := open(options(mine)); !isRefusal(err) {
		t.Errorf("got %v", err)
	}
}

func TestADirectoryWithOtherFilesIsRefused(t *testing.T) {
	for _, name := range []string{
		"notes.txt", "1.segment", "00000001.segment.bak", "00000000.segment",
	} {
		disk := &memfs.FS{}
		disk.Put(dir, name, []byte("mine"))
		_, _, err := open(options(disk))
		var foreign *store.ForeignFileError
		if !errors.As(err, &foreign) || foreign.Name != name {
			t.Errorf("%s: %v", name, err)
		}
		if got := disk.Names(dir); len(got) != 2 {
			t.Errorf("%s: the directory was filled: %v", name, got)
		}
	}
	disk := &memfs.FS{}
	disk.Put(dir, "lost+found", nil)
	disk.Put(dir, ".snapshot", nil)
	if _, _, err := open(options(disk)); err != nil {
		t.Errorf("what file systems make themselves: %v", err)
	}
}

func TestWhatTheSystemRefusesIsSaidSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, filepath.Join(path, "below")} {
		_, err := store.Open(path, onDisk(), discard)
		var unreadable *store.UnreadableError
		if !errors.As(err, &unreadable) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("elsewhere", path); err != nil {
		t.Skip("skipped: needs symbolic links: ", err)
	}
	if _, err := store.Open(path, onDisk(), discard); err == nil {
		t.Error("a link to nowhere was taken for a directory")
	}
	target := filepath.Join(filepath.Dir(path), "elsewhere")
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("following the link made something: %v", err)
	}
}

func TestNamesAreRequired(t *testing.T) {
	for _, o := range []store.Options{
		{Acceptor: "a1"}, {Log: "main"}, {Log: strings.Repeat("x", 256), Acceptor: "a1"},
	} {
		o.FS = &memfs.FS{}
		if _, err := store.Open(dir, o, discard); err == nil {
			t.Errorf("log %q, acceptor %q: no error", o.Log, o.Acceptor)
		}
	}
}
