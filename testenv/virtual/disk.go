package virtual

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// disk is an acceptor's, in memory. It outlives the acceptor's crashes, and loses what was not synced.
type disk struct {
	slow atomic.Int64 // what a sync takes, in nanoseconds of virtual time

	mutex sync.Mutex
	now   *memfs.FS
}

func newDisk() *disk { return &disk{now: &memfs.FS{}} }

// fs is the disk as a worker sees it that starts now.
func (d *disk) fs() *slowFS {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return &slowFS{FS: d.now, disk: d}
}

// stop has every operation from now on fail without effect, as for a process that is gone.
func (d *disk) stop() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.now.StopAt(d.now.Operations())
}

// crash leaves what a power cut may leave, which the seed chooses. The disk was stopped.
func (d *disk) crash(seed uint64) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.now = d.now.Crash(seed)
}

// slowFS is a file system whose syncs take time. They take it outside of its lock.
type slowFS struct {
	*memfs.FS
	disk *disk
}

func (f *slowFS) OpenRoot(dir string) (store.Root, error) {
	root, err := f.FS.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &slowRoot{Root: root, disk: f.disk}, nil
}

type slowRoot struct {
	store.Root
	disk *disk
}

func (r *slowRoot) Create(name string) (store.File, error) { return r.slow(r.Root.Create(name)) }
func (r *slowRoot) Open(name string) (store.File, error)   { return r.slow(r.Root.Open(name)) }

func (r *slowRoot) slow(file store.File, err error) (store.File, error) {
	if err != nil {
		return nil, err
	}
	return &slowFile{File: file, disk: r.disk}, nil
}

type slowFile struct {
	store.File
	disk *disk
}

func (f *slowFile) Sync() error {
	if d := time.Duration(f.disk.slow.Load()); d > 0 {
		time.Sleep(d)
	}
	return f.File.Sync()
}
