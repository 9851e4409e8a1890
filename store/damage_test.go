package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// result is what opening a changed store came to.
type result struct {
	restored history
	err      error
}

// openChanged opens the store on a copy of a disk on which one file has other bytes.
func openChanged(fs *memfs.FS, name string, data []byte) result {
	changed := &memfs.FS{}
	for _, other := range fs.Names(dir) {
		if other != name {
			changed.Put(dir, other, fs.Bytes(dir, other))
		}
	}
	changed.Put(dir, name, data)
	s, restored, err := open(options(changed))
	if err == nil {
		s.Close()
	}
	return result{restored, err}
}

func isRefusal(err error) bool {
	var damage *store.DamagedError
	return errors.As(err, &damage) && damage.File != "" && damage.Remedy != ""
}

// checkExact checks that a changed store is refused, or gives exactly what was in it.
func checkExact(t *testing.T, r result, want history, where string) (refused bool) {
	t.Helper()
	if r.err != nil {
		if !isRefusal(r.err) {
			t.Fatalf("%s: %v", where, r.err)
		}
		return true
	}
	if len(r.restored) != len(want) || !r.restored.isPrefixOf(want) {
		t.Fatalf("%s: silently restored %d records of %d", where, len(r.restored), len(want))
	}
	return false
}

// small is a disk with a store of a few segments that was closed, and all its records.
func small(t *testing.T) (*memfs.FS, history) {
	t.Helper()
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	var want history
	for _, records := range script()[3:7] {
		mustSave(t, s, records...)
		want.add(records...)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return fs, want
}

func TestNoBitFlippedAtRestIsTakenForTheTruth(t *testing.T) {
	whole, want := small(t)
	fs := whole.Kill()
	refused := 0
	for _, name := range whole.Names(dir) {
		step := int64(1)
		if testing.Short() || strings.HasSuffix(name, ".next") { // which is never read
			step = 61
		}
		for bit := int64(0); bit < int64(len(whole.Bytes(dir, name)))*8; bit += step {
			fs.Flip(dir, name, bit)
			s, restored, err := open(options(fs))
			where := fmt.Sprintf("%s, bit %d of byte %d", name, bit%8, bit/8)
			if checkExact(t, result{restored, err}, want, where) {
				refused++
				fs.Flip(dir, name, bit) // a refused store was not changed
				continue
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			fs = whole.Kill()
		}
	}
	if refused == 0 {
		t.Fatal("no change was noticed")
	}
}

// The one change that cannot be told from a crash is one in the very last batch, before anything shows
// that it was synced. It must cost that batch, and never more.
func TestABitFlippedBeforeTheMarkCostsTheLastBatchAtMost(t *testing.T) {
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	var want history
	for _, records := range script()[:4] {
		mustSave(t, s, records...)
		want.add(records...)
	}
	kept := len(want) - len(script()[3])
	unmarked := fs.Kill()
	if err := s.MarkSynced(); err != nil {
		t.Fatal(err)
	}
	const name = "00000001.segment"
	data, marked := unmarked.Bytes(dir, name), fs.Bytes(dir, name)
	lost := 0
	for bit := store.HeaderBytes * 8; bit < len(data)*8; bit += stride(1) {
		data[bit/8] ^= 1 << (bit % 8)
		marked[bit/8] ^= 1 << (bit % 8)
		where := fmt.Sprintf("bit %d of byte %d", bit%8, bit/8)
		r := openChanged(unmarked, name, data)
		if r.err == nil && len(r.restored) == kept {
			lost++
		} else {
			checkExact(t, r, want, where)
		}
		checkExact(t, openChanged(fs, name, marked), want, where+", with the mark")
		data[bit/8] ^= 1 << (bit % 8)
		marked[bit/8] ^= 1 << (bit % 8)
	}
	if lost == 0 {
		t.Error("no bit cost the last batch: the exception is no longer needed")
	}
}

func TestNoFileCutShortIsTakenForTheTruth(t *testing.T) {
	fs, want := small(t)
	for _, name := range fs.Names(dir) {
		data := fs.Bytes(dir, name)
		for length := 0; length < len(data); length += stride(1) {
			where := fmt.Sprintf("%s cut to %d bytes", name, length)
			checkExact(t, openChanged(fs, name, data[:length]), want, where)
		}
		longer := append(data, make([]byte, 512)...)
		checkExact(t, openChanged(fs, name, longer), want, name+" made longer")
	}
}

func TestNoSectorLostOrMisplacedIsTakenForTheTruth(t *testing.T) {
	fs, want := played(t)
	const sector = 512
	for _, name := range fs.Names(dir) {
		data := fs.Bytes(dir, name)
		for from := 0; from+sector <= len(data); from += sector {
			lost := append([]byte{}, data...)
			clear(lost[from : from+sector])
			where := fmt.Sprintf("%s, sector at %d", name, from)
			checkSector(t, openChanged(fs, name, lost), want, where+" lost")
			for to := 0; to+sector <= len(data); to += sector {
				swapped := append([]byte{}, data...)
				copy(swapped[to:], data[from:from+sector])
				copy(swapped[from:], data[to:to+sector])
				checkSector(t, openChanged(fs, name, swapped), want, where+" swapped")
			}
		}
	}
}

// checkSector is checkExact for whole sectors: the last of them may hold the last batches and the
// mark alike, and with all of them gone nothing is left that could tell.
func checkSector(t *testing.T, r result, want history, where string) {
	t.Helper()
	if r.err == nil && r.restored.isPrefixOf(want) && len(want)-len(r.restored) <= 1 {
		return
	}
	checkExact(t, r, want, where)
}

func TestAMissingSegmentIsDamage(t *testing.T) {
	fs, _ := played(t)
	names := fs.Names(dir)
	for _, name := range names {
		if name == "lock" || name == names[len(names)-2] { // the segment to come
			continue
		}
		without := &memfs.FS{}
		for _, other := range names {
			if other != name {
				without.Put(dir, other, fs.Bytes(dir, other))
			}
		}
		_, _, err := open(options(without))
		var damage *store.DamagedError
		if !errors.As(err, &damage) || damage.File != name {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestADamagedStoreIsNotChanged(t *testing.T) {
	fs, _ := played(t)
	const name = "00000001.segment"
	data := fs.Bytes(dir, name)
	data[store.HeaderBytes+store.FrameBytes] ^= 1
	fs.Put(dir, name, data)
	before := fs.Kill()
	if _, _, err := open(options(fs)); !isRefusal(err) {
		t.Fatalf("got %v", err)
	}
	for _, name := range before.Names(dir) {
		if string(fs.Bytes(dir, name)) != string(before.Bytes(dir, name)) {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestAChangedByteIsNoticedWhenItIsRead(t *testing.T) {
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	mustSave(t, s, accepted(1, 1, 2, 50))
	mustSave(t, s, settled(2))
	const name = "00000001.segment"
	data := fs.Bytes(dir, name)
	data[store.HeaderBytes+store.FrameBytes+40] ^= 4
	fs.Put(dir, name, data)
	_, err := s.Read(1, 2, 1000, false)
	var damage *store.DamagedError
	if !errors.As(err, &damage) || damage.File != name || damage.Offset != store.HeaderBytes {
		t.Errorf("got %v", err)
	}
}

func TestDamageIsNamedWhereItIs(t *testing.T) {
	fs, _ := played(t)
	const name = "00000002.segment"
	data := fs.Bytes(dir, name)
	end := int64(len(data))
	for data[end-1] == 0 {
		end--
	}
	// The last batch of a segment that another follows, changed, and then gone without a trace.
	data[end-1] ^= 1
	r := openChanged(fs, name, data)
	var damage *store.DamagedError
	if !errors.As(r.err, &damage) || damage.File != name || damage.Offset >= end {
		t.Errorf("changed: %v", r.err)
	}
	clear(data[damage.Offset:])
	if r = openChanged(fs, name, data); !errors.As(r.err, &damage) ||
		damage.File != "00000003.segment" || damage.Offset >= store.HeaderBytes {
		t.Errorf("gone: %v", r.err)
	}
}

// A batch that ends where its segment does has a mark too.
func TestABatchThatFillsItsSegmentIsMarked(t *testing.T) {
	for size := 800; size < 1024; size++ {
		fs := &memfs.FS{}
		s, _ := mustOpen(t, options(fs))
		var want history
		for _, record := range []paxos.Record{promised(1), accepted(1, 1, 1, size)} {
			mustSave(t, s, record)
			want.add(record)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		names := fs.Names(dir)
		name := names[len(names)-3]
		if name != "00000001.segment" {
			continue // it did not fit
		}
		fs.Flip(dir, name, (store.HeaderBytes+200)*8)
		_, restored, err := open(options(fs))
		checkExact(t, result{restored, err}, want, fmt.Sprintf("a value of %d bytes", size))
	}
}
