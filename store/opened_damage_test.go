package store_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// settledStore is an open store with a few settled values in two segments.
func settledStore(t *testing.T) (*memfs.FS, *store.Store, *model) {
	t.Helper()
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	m := &model{}
	for _, records := range [][]paxos.Record{
		{accepted(1, 1, 2, 50)}, {accepted(2, 2, 1, 60), settled(2)}, {repaired(1, 3, 2, 40)},
		{accepted(2, 5, 1, 300)}, {settled(5)},
	} {
		mustSave(t, s, records...)
		m.add(records...)
	}
	if len(segments(fs)) < 2 {
		t.Fatal("all is in one segment")
	}
	return fs, s, m
}

// readAll reads every settled slot by itself: each is right, or refused with the file that has changed.
func readAll(t *testing.T, s *store.Store, m *model, where string) class {
	t.Helper()
	came := exact
	for slot := paxos.Slot(1); slot <= m.settled; slot++ {
		page, err := s.Read(slot, slot, 1<<20, false)
		var unreadable *store.UnreadableError
		switch {
		case isRefusal(err) || errors.As(err, &unreadable):
			came = refused
		case err != nil:
			t.Fatalf("%s: slot %d: %v", where, slot, err)
		case len(page.Values) != 1 || page.First != slot || !page.Values[0].Equal(m.values[slot]):
			t.Fatalf("%s: slot %d was served as %v", where, slot, page)
		}
	}
	return came
}

func TestNoBitFlippedWhileTheStoreIsOpenIsServed(t *testing.T) {
	fs, s, m := settledStore(t)
	points := newAccount("bit flipped while the store is open")
	for _, name := range segments(fs) {
		for bit := 8 * store.HeaderBytes; bit < 8*len(fs.Bytes(dir, name)); bit += every(1) {
			points.begin()
			fs.Flip(dir, name, int64(bit))
			points.end(readAll(t, s, m, fmt.Sprintf("%s, bit %d of byte %d", name, bit%8, bit/8)))
			fs.Flip(dir, name, int64(bit))
		}
	}
	points.close(t, exact, refused)
}

func TestNoSectorChangedWhileTheStoreIsOpenIsServed(t *testing.T) {
	fs, s, m := settledStore(t)
	points := newAccount("sector lost, or written over another, while the store is open")
	all := sectors(fs)
	for _, to := range all {
		before := to.of(fs)
		contents := [][]byte{make([]byte, sectorBytes)}
		for _, from := range all {
			contents = append(contents, from.of(fs))
		}
		for i, content := range contents {
			points.begin()
			to.put(fs, content)
			points.end(readAll(t, s, m, fmt.Sprintf("content %d in %v", i, to)))
		}
		to.put(fs, before)
	}
	points.close(t, exact, refused)
}

func TestNoFileCutShortWhileTheStoreIsOpenIsServed(t *testing.T) {
	fs, s, m := settledStore(t)
	points := newAccount("file cut short while the store is open")
	for _, name := range segments(fs) {
		data := fs.Bytes(dir, name)
		for length := range data {
			points.begin()
			fs.Put(dir, name, data[:length])
			points.end(readAll(t, s, m, fmt.Sprintf("%s cut to %d bytes", name, length)))
		}
		fs.Put(dir, name, data)
	}
	points.close(t, exact, refused)
}

func TestAnErrorAtAnyOperationOfAReadIsTold(t *testing.T) {
	fs, s, m := settledStore(t)
	before := fs.Operations()
	readAll(t, s, m, "without an error")
	count := fs.Operations() - before
	points := newAccount("input/output error at each operation of a read")
	for n := 1; n <= count; n++ {
		points.begin()
		fs.FailAt(fs.Operations()+n, syscall.EIO)
		where := fmt.Sprintf("operation %d of %d", n, count)
		if readAll(t, s, m, where) != refused {
			t.Errorf("%s failed, and nobody was told", where)
		}
		points.end(refused)
		readAll(t, s, m, where+", and read once more")
	}
	points.close(t, refused)
}

func TestDamageFoundByAReadIsNamedWhereItIs(t *testing.T) {
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	mustSave(t, s, accepted(1, 1, 2, 50))
	mustSave(t, s, settled(2))
	const name = "00000001.segment"
	fs.Flip(dir, name, 8*(store.HeaderBytes+store.FrameBytes+40))
	_, err := s.Read(1, 2, 1000, false)
	var damage *store.DamagedError
	if !errors.As(err, &damage) || damage.File != name || damage.Offset != store.HeaderBytes {
		t.Errorf("got %v", err)
	}
}
