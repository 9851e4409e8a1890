package store_test

import (
	"slices"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// backwards is a disk that lists names from the last to the first: a directory has them in any order.
type backwards struct{ *memfs.FS }

func (b backwards) OpenRoot(dir string) (store.Root, error) {
	root, err := b.FS.OpenRoot(dir)
	return backwardsRoot{root}, err
}

type backwardsRoot struct{ store.Root }

func (r backwardsRoot) Names() ([]string, error) {
	names, err := r.Root.Names()
	slices.Sort(names)
	slices.Reverse(names)
	return names, err
}

func TestSegmentsAreReadInTheirOrderHoweverTheyAreListed(t *testing.T) {
	fs := backwards{&memfs.FS{}}
	s, _, err := open(options(fs))
	if err != nil {
		t.Fatal(err)
	}
	var saved history
	for n := range uint64(6) {
		records := []paxos.Record{promised(2*n + 1), accepted(2*n+2, paxos.Slot(n+1), 1, 700)}
		mustSave(t, s, records...)
		saved.add(records...)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, restored, err := open(options(fs))
	if err != nil {
		t.Fatal(err)
	}
	if len(restored) != len(saved) || !restored.isPrefixOf(saved) {
		t.Errorf("%d records came back of %d, or in another order", len(restored), len(saved))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
