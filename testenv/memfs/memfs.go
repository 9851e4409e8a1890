// Package memfs is a disk in memory for tests of stores: it loses and tears what was not synced, fails
// when told to, and shows what a crash at any operation may leave.
//
// Its rules are the least that a store may count on. A sector of 512 bytes is written whole or not at
// all. Of the sectors written since a file's last sync each may be lost or kept, in any of the versions
// written. Of the names made, changed or removed since the directory's last sync each change may be lost
// or kept. A file's size follows the same rule. Some crashes tear a sector, byte by byte. What a failed sync was to save may be lost although
// it can still be read, and no later sync saves it: only writing it again does.
package memfs

import (
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/synod-log/synod/store"
)

// ErrStopped is what every operation returns after the one at which the disk was told to stop: to the
// program it is as if it had been killed there.
var ErrStopped = errors.New("memfs: stopped")

// FS is a disk. The zero FS is empty and ready. All its methods may be called by many goroutines.
type FS struct {
	mutex       sync.Mutex
	directories map[string]*directory
	operations  []Operation
	failAt      int // number of the operation that fails; 0: none
	failure     error
	stopAt      int // number of the last operation that has any effect; 0: none
}

// Operation is one call of a program to its disk: what is done, and with which name.
type Operation struct{ What, Name string }

// Operations is how many operations were begun so far: every call to the disk, its directories and
// its files is one.
func (f *FS) Operations() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return len(f.operations)
}

// Operation is what the operation of that number was.
func (f *FS) Operation(number int) Operation {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.operations[number-1]
}

// FailAt makes the operation of that number fail, and no other: a write stops halfway, a sync saves
// nothing, and all else has no effect.
func (f *FS) FailAt(operation int, err error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.failAt, f.failure = operation, err
}

// StopAt makes the operation of that number the last that has an effect, as far as a crash lets it.
// Its caller, and those of all after it, get ErrStopped. Locks are free again at once.
func (f *FS) StopAt(operation int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.stopAt = operation
}

// outcome is what becomes of an operation.
type outcome struct {
	hasEffect bool
	err       error
}

// operate counts an operation and says what becomes of it. The mutex is held.
func (f *FS) operate(what, name string) outcome {
	f.operations = append(f.operations, Operation{what, name})
	switch number := len(f.operations); {
	case f.stopAt > 0 && number >= f.stopAt:
		return outcome{hasEffect: number == f.stopAt, err: ErrStopped}
	case f.failAt == number:
		return outcome{err: &fs.PathError{Op: what, Path: name, Err: f.failure}}
	}
	return outcome{hasEffect: true}
}

// OpenRoot opens a directory, and makes it where it is missing.
func (f *FS) OpenRoot(dir string) (store.Root, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := f.operate("open directory", dir).err; err != nil {
		return nil, err
	}
	if f.directories == nil {
		f.directories = map[string]*directory{}
	}
	d := f.directories[dir]
	if d == nil {
		d = newDirectory()
		f.directories[dir] = d
	}
	return &root{fs: f, name: dir, directory: d}, nil
}

// directory is names for files, as they are now and as they are known to be after a crash.
type directory struct {
	names    map[string]*file
	durable  map[string]*file
	changes  []change // since the last sync
	isLocked bool
}

// change is one name made, changed or removed. A rename is one change of two names.
type change struct {
	name string
	file *file  // nil: removed
	from string // of a rename: the name that goes
}

func (c change) apply(names map[string]*file) {
	if c.file == nil {
		delete(names, c.name)
		return
	}
	delete(names, c.from)
	names[c.name] = c.file
}

func newDirectory() *directory {
	return &directory{names: map[string]*file{}, durable: map[string]*file{}}
}

func (d *directory) change(c change) {
	c.apply(d.names)
	d.changes = append(d.changes, c)
}

type root struct {
	fs        *FS
	name      string
	directory *directory
}

func (r *root) Names() ([]string, error) {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	if err := r.fs.operate("list", r.name).err; err != nil {
		return nil, err
	}
	var names []string
	for name := range r.directory.names {
		names = append(names, name)
	}
	return names, nil
}

func (r *root) Create(name string) (store.File, error) {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	if r.directory.names[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	now := r.fs.operate("create", name)
	made := &file{}
	if now.hasEffect {
		r.directory.change(change{name: name, file: made})
	}
	if now.err != nil {
		return nil, now.err
	}
	return &handle{fs: r.fs, name: name, file: made}, nil
}

func (r *root) Open(name string) (store.File, error)     { return r.open(name, false) }
func (r *root) OpenRead(name string) (store.File, error) { return r.open(name, true) }

func (r *root) open(name string, readOnly bool) (store.File, error) {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	if err := r.fs.operate("open", name).err; err != nil {
		return nil, err
	}
	found := r.directory.names[name]
	if found == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &handle{fs: r.fs, name: name, file: found, readOnly: readOnly}, nil
}

func (r *root) Rename(from, to string) error {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	renamed := r.directory.names[from]
	if renamed == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	now := r.fs.operate("rename", from)
	if now.hasEffect {
		r.directory.change(change{name: to, file: renamed, from: from})
	}
	return now.err
}

func (r *root) Remove(name string) error {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	if r.directory.names[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	now := r.fs.operate("remove", name)
	if now.hasEffect {
		r.directory.change(change{name: name})
	}
	return now.err
}

func (r *root) Sync() error {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	now := r.fs.operate("sync directory", r.name)
	if now.hasEffect && now.err == nil {
		for _, c := range r.directory.changes {
			c.apply(r.directory.durable)
		}
		r.directory.changes = nil
	}
	return now.err
}

func (r *root) Lock(name string) (io.Closer, error) {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	if err := r.fs.operate("lock", name).err; err != nil {
		return nil, err
	}
	if r.directory.isLocked {
		return nil, store.ErrLocked
	}
	r.directory.isLocked = true
	if r.directory.names[name] == nil {
		r.directory.change(change{name: name, file: &file{}})
	}
	return lock{r}, nil
}

func (r *root) Close() error {
	r.fs.mutex.Lock()
	defer r.fs.mutex.Unlock()
	return r.fs.operate("close directory", r.name).err
}

type lock struct{ root *root }

// Close gives the lock up even where it fails, as the end of a process does.
func (l lock) Close() error {
	l.root.fs.mutex.Lock()
	defer l.root.fs.mutex.Unlock()
	l.root.directory.isLocked = false
	return l.root.fs.operate("unlock", l.root.name).err
}
