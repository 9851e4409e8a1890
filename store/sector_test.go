package store_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

const sectorBytes = 512

// sector is one of those that a disk's files have.
type sector struct {
	name string
	from int
}

func (s sector) String() string { return fmt.Sprintf("%s, sector at %d", s.name, s.from) }

// sectors are those of the segments; no other file is ever read.
func sectors(fs *memfs.FS) (all []sector) {
	for _, name := range segments(fs) {
		for from := 0; from < len(fs.Bytes(dir, name)); from += sectorBytes {
			all = append(all, sector{name, from})
		}
	}
	return all
}

func (s sector) of(fs *memfs.FS) []byte {
	data := fs.Bytes(dir, s.name)
	return data[s.from:min(s.from+sectorBytes, len(data))] // a file may end within one
}

// put replaces a sector on a disk.
func (s sector) put(fs *memfs.FS, content []byte) {
	data := fs.Bytes(dir, s.name)
	copy(data[s.from:], content)
	fs.Put(dir, s.name, data)
}

// replaced opens a store on a copy of a disk where these sectors have another content.
func replaced(fs *memfs.FS, contents map[sector][]byte) (history, error) {
	changed := fs.Kill()
	for s, content := range contents {
		s.put(changed, content)
	}
	return openAndClose(changed)
}

func TestNoSectorLostOrMadeRubbishIsTakenForTheTruth(t *testing.T) {
	fs, want := played(t)
	random := rand.New(rand.NewPCG(3, 4))
	lost, rubbish := newAccount("sector lost"), newAccount("sector made rubbish")
	for _, s := range sectors(fs) {
		lost.begin()
		restored, err := replaced(fs, map[sector][]byte{s: make([]byte, sectorBytes)})
		lost.end(checkExact(t, restored, err, want, s.String()+" lost"))

		noise := make([]byte, sectorBytes)
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		rubbish.begin()
		restored, err = replaced(fs, map[sector][]byte{s: noise})
		rubbish.end(checkExact(t, restored, err, want, s.String()+" made rubbish"))
	}
	lost.close(t, exact, refused)
	rubbish.close(t, exact, refused)
}

func TestNoSectorMisplacedIsTakenForTheTruth(t *testing.T) {
	fs, want := atRest(t)
	swapped, doubled := newAccount("two sectors swapped"), newAccount("sector written over another")
	all := sectors(fs)
	for i, a := range all {
		for j, b := range all {
			if i == j {
				continue
			}
			doubled.begin()
			restored, err := replaced(fs, map[sector][]byte{b: a.of(fs)})
			doubled.end(checkExact(t, restored, err, want, fmt.Sprintf("%v over %v", a, b)))
			if i < j {
				swapped.begin()
				restored, err = replaced(fs, map[sector][]byte{a: b.of(fs), b: a.of(fs)})
				swapped.end(checkExact(t, restored, err, want, fmt.Sprintf("%v swapped with %v", a, b)))
			}
		}
	}
	swapped.close(t, exact, refused)
	doubled.close(t, exact, refused)
}

// olderSectors are all contents that the sectors of a disk had while the script was played on it, and
// have no more.
func olderSectors(t *testing.T, whole *memfs.FS) map[sector][][]byte {
	t.Helper()
	older := map[sector][][]byte{}
	all := sectors(whole)
	for n := 1; n <= whole.Operations(); n++ {
		if what := whole.Operation(n).What; what != "write" {
			continue
		}
		fs, _ := crashed(t, n)
		for _, s := range all {
			data := fs.Bytes(dir, s.name)
			if data == nil {
				data = fs.Bytes(dir, strings.Replace(s.name, ".segment", ".next", 1))
			}
			if len(data) <= s.from {
				continue
			}
			content := data[s.from:min(s.from+sectorBytes, len(data))]
			isKnown := bytes.Equal(content, s.of(whole))
			for _, known := range older[s] {
				isKnown = isKnown || bytes.Equal(content, known)
			}
			if !isKnown {
				older[s] = append(older[s], content)
			}
		}
	}
	return older
}

func TestNoSectorThatComesBackOldIsTakenForTheTruth(t *testing.T) {
	fs, want := played(t)
	points := newAccount("sector back as it once was, each time")
	for s, contents := range olderSectors(t, fs) {
		for i, content := range contents {
			points.begin()
			restored, err := replaced(fs, map[sector][]byte{s: content})
			points.end(checkExact(t, restored, err, want, fmt.Sprintf("%v as it was the %d. time", s, i)))
		}
	}
	points.close(t, exact, refused)
}

// Where a batch ends with its sector, the next one begins where the mark of it was. That sector, come back
// old, is a valid mark, and nothing but what is behind it tells that a batch is gone.
func TestASectorThatIsAMarkAgainIsNotTakenForTheEnd(t *testing.T) {
	const name = "00000001.segment"
	for size := 20; ; size++ {
		fs := &memfs.FS{}
		o := options(fs)
		o.SegmentBytes = store.HeaderBytes + 4096 // room for both batches
		s, _ := mustOpen(t, o)
		mustSave(t, s, accepted(1, 1, 1, size))
		_, end, mark := lastBatch(fs, name)
		if end != mark {
			continue
		}
		old := fs.Bytes(dir, name)[mark : mark+sectorBytes]
		mustSave(t, s, accepted(1, 2, 1, 700))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		data := fs.Bytes(dir, name)
		copy(data[mark:], old)
		if restored, err := openChanged(fs, name, data); !isRefusal(err) {
			t.Errorf("%d records were restored of 2, and %v", len(restored), err)
		}
		return
	}
}
