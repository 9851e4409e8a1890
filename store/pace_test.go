package store_test

import (
	"testing"
	"testing/synctest"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

const gatedName = "00000002.next"

// gated is a disk on which each write to the segment to come waits until it is let through.
type gated struct {
	*memfs.FS
	gate chan struct{}
}

func (g gated) OpenRoot(dir string) (store.Root, error) {
	root, err := g.FS.OpenRoot(dir)
	return gatedRoot{root, g.gate}, err
}

type gatedRoot struct {
	store.Root
	gate chan struct{}
}

func (r gatedRoot) Create(name string) (store.File, error) {
	file, err := r.Root.Create(name)
	if name == gatedName && err == nil {
		return gatedFile{file, r.gate}, nil
	}
	return file, err
}

type gatedFile struct {
	store.File
	gate chan struct{}
}

func (f gatedFile) WriteAt(data []byte, at int64) (int, error) {
	<-f.gate
	return f.File.WriteAt(data, at)
}

// Where saves are faster than the making of the next segment, each waits for its share of it, and the
// one that begins that segment waits no longer than the others.
func TestASaveWaitsForItsShareOfTheNextSegmentAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parts = 8 // of the segment, each filled with one write
		o := options(gated{&memfs.FS{}, make(chan struct{})})
		gate := o.FS.(gated).gate
		o = store.InBackground(o)
		o.SegmentBytes = parts << 20
		s, _ := mustOpen(t, o)
		let := 0
		for part := 1; part <= parts; part++ { // the last does not fit any more
			saved := make(chan error, 1)
			go func() { saved <- s.Save([]paxos.Record{accepted(1, 1, 1, 1000<<10)}) }()
			waited := 0
			for isSaved := false; !isSaved; {
				synctest.Wait()
				select {
				case err := <-saved:
					if isSaved = true; err != nil {
						t.Fatal(err)
					}
				default:
					gate <- struct{}{}
					let, waited = let+1, waited+1
				}
			}
			if waited > 2 || part < parts && let < part-1 {
				t.Errorf("save %d waited for %d parts of the next segment, and %d are made", part, waited, let)
			}
		}
		close(gate)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
