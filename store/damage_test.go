package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// openChanged opens the store on a copy of a disk on which one file has other bytes.
func openChanged(fs *memfs.FS, name string, data []byte) (history, error) {
	changed := without(fs, name)
	changed.Put(dir, name, data)
	return openAndClose(changed)
}

// without is a copy of a disk without one file.
func without(fs *memfs.FS, name string) *memfs.FS {
	rest := &memfs.FS{}
	for _, other := range fs.Names(dir) {
		if other != name {
			rest.Put(dir, other, fs.Bytes(dir, other))
		}
	}
	return rest
}

func openAndClose(fs *memfs.FS) (history, error) {
	s, restored, err := open(options(fs))
	if err == nil {
		err = s.Close()
	}
	return restored, err
}

// isRefusal reports whether an error says that a store is damaged, where, and what to do.
func isRefusal(err error) bool {
	var damage *store.DamagedError
	return errors.As(err, &damage) && damage.File != "" && damage.Offset >= 0 && damage.Remedy != "" &&
		strings.Contains(err.Error(), fmt.Sprintf("%s at byte %d: ", damage.File, damage.Offset))
}

// checkExact checks that a changed store is refused, or gives exactly what was in it.
func checkExact(t *testing.T, restored history, err error, want history, where string) class {
	t.Helper()
	if err != nil {
		if !isRefusal(err) {
			t.Fatalf("%s: %v", where, err)
		}
		return refused
	}
	if len(restored) != len(want) || !restored.isPrefixOf(want) {
		t.Fatalf("%s: silently restored %d records of %d", where, len(restored), len(want))
	}
	return exact
}

// atRest is a small store of some segments that was closed. If its process was killed instead, after
// its last Save, and nothing else happened, the very same is found: the mark only was not synced.
func atRest(t *testing.T) (*memfs.FS, history) {
	t.Helper()
	fs := &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	var want history
	for _, records := range script()[3:7] {
		mustSave(t, s, records...)
		want.add(records...)
	}
	killed := fs.Kill()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range fs.Names(dir) {
		if string(killed.Bytes(dir, name)) != string(fs.Bytes(dir, name)) {
			t.Fatalf("%s of a killed store is not that of a closed one", name)
		}
	}
	return fs, want
}

func TestNoBitFlippedAtRestIsTakenForTheTruth(t *testing.T) {
	whole, want := atRest(t)
	points := newAccount("bit flipped at rest")
	fs := whole.Kill()
	for _, name := range whole.Names(dir) {
		step := int64(1)
		if testing.Short() || !isLong() && strings.HasSuffix(name, ".next") { // which is never read
			step = 61
		}
		for bit := int64(0); bit < int64(len(whole.Bytes(dir, name)))*8; bit += step {
			points.begin()
			fs.Flip(dir, name, bit)
			restored, err := openAndClose(fs)
			where := fmt.Sprintf("%s, bit %d of byte %d", name, bit%8, bit/8)
			came := checkExact(t, restored, err, want, where)
			points.end(came)
			if came == refused && points.points%256 != 0 { // its disk remembers all operations
				fs.Flip(dir, name, bit) // a refused store was not changed
			} else {
				fs = whole.Kill()
			}
		}
	}
	points.close(t, exact, refused)
}

// flipTwo opens a store in a file of which two bits are flipped.
func flipTwo(fs *memfs.FS, name string, first, second int) (history, error) {
	data := fs.Bytes(dir, name)
	data[first/8] ^= 1 << (first % 8)
	data[second/8] ^= 1 << (second % 8)
	return openChanged(fs, name, data)
}

// Two bits are too many in one case alone: one of them in the last batch, and the other in its mark.
func TestTwoBitsFlippedAtRestAreTakenForTheTruthInABatchAndItsMarkAlone(t *testing.T) {
	fs, want := atRest(t)
	random := rand.New(rand.NewPCG(1, 2))
	names := segments(fs)
	last := names[len(names)-1]
	from, end, mark := lastBatch(fs, last)
	points := newAccount("two bits flipped at rest, drawn")
	for range 24_000 / every(4) {
		name := names[random.IntN(len(names))]
		used := len(strings.TrimRight(string(fs.Bytes(dir, name)), "\x00"))
		first, second := random.IntN(8*used), random.IntN(8*used)
		low, high := min(first, second)/8, max(first, second)/8
		if name == last && low >= from && low < end && high >= mark {
			continue
		}
		points.begin()
		restored, err := flipTwo(fs, name, first, second)
		where := fmt.Sprintf("%s, bits %d and %d", name, first, second)
		points.end(checkExact(t, restored, err, want, where))
	}
	points.close(t, exact, refused)

	both := newAccount("one bit flipped in the last batch, and one in its mark, drawn")
	for range 1000 {
		both.begin()
		restored, err := flipTwo(fs, last, 8*from+random.IntN(8*(end-from)), 8*mark+random.IntN(8*store.FrameBytes))
		if err != nil || len(restored) != len(want)-1 || !restored.isPrefixOf(want) {
			t.Fatalf("restored %d records of %d, %v", len(restored), len(want), err)
		}
		both.end(forgotten)
	}
	both.close(t, forgotten)
}

// segments are the names of a disk's segments.
func segments(fs *memfs.FS) (names []string) {
	for _, name := range fs.Names(dir) {
		if strings.HasSuffix(name, ".segment") {
			names = append(names, name)
		}
	}
	return names
}

func TestNoFileCutShortIsTakenForTheTruth(t *testing.T) {
	fs, want := atRest(t)
	points := newAccount("file cut short")
	for _, name := range fs.Names(dir) {
		data := fs.Bytes(dir, name)
		for length := 0; length < len(data); length += every(1) {
			points.begin()
			where := fmt.Sprintf("%s cut to %d bytes", name, length)
			restored, err := openChanged(fs, name, data[:length])
			points.end(checkExact(t, restored, err, want, where))
		}
		points.begin()
		restored, err := openChanged(fs, name, append(data, make([]byte, 512)...))
		points.end(checkExact(t, restored, err, want, name+" made longer"))
	}
	points.close(t, exact, refused)
}

// A batch that ends where its segment does has a mark too.
func TestABatchThatFillsItsSegmentIsMarked(t *testing.T) {
	points := newAccount("batches of each size that fill a segment")
	for size := 8; size < 1024; size += 8 {
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
		names := segments(fs)
		last := names[len(names)-1]
		from, _, _ := lastBatch(fs, last)
		points.begin()
		fs.Flip(dir, last, int64(from+store.FrameBytes)*8)
		restored, err := openAndClose(fs)
		points.end(checkExact(t, restored, err, want, fmt.Sprintf("a value of %d bytes", size)))
	}
	points.close(t, refused)
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

func TestDamageIsNamedWhereItIs(t *testing.T) {
	fs, _ := played(t)
	const name = "00000002.segment"
	data := fs.Bytes(dir, name)
	from, _, _ := lastBatch(fs, name)
	// The last batch of a segment that another follows, changed, and then gone without a trace.
	data[from+store.FrameBytes] ^= 1
	_, err := openChanged(fs, name, data)
	var damage *store.DamagedError
	if !errors.As(err, &damage) || damage.File != name || damage.Offset != int64(from) {
		t.Errorf("changed: %v", err)
	}
	clear(data[from:])
	if _, err = openChanged(fs, name, data); !errors.As(err, &damage) ||
		damage.File != "00000003.segment" || damage.Offset >= store.HeaderBytes {
		t.Errorf("gone: %v", err)
	}
}
