package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Files and directories are the acceptor's own: nobody else has a reason to read or write them.
const (
	fileMode      = 0o600
	directoryMode = 0o700
)

// osFS is the operating system's file system.
type osFS struct{}

func (osFS) OpenRoot(dir string) (Root, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := makeDirectory(dir, syncDirectory); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return osRoot{root}, nil
}

// makeDirectory makes dir and its missing parents, each one's entry durable before the next is made.
// Of a directory that exists the entry is synced too, since whoever made it may have been killed
// before it did so; but not where the parent cannot be read, which is then somebody else's affair.
func makeDirectory(dir string, sync func(dir string) error) error {
	parent := filepath.Dir(dir)
	err := os.Mkdir(dir, directoryMode)
	if errors.Is(err, fs.ErrNotExist) && parent != dir {
		if err := makeDirectory(parent, sync); err != nil {
			return err
		}
		err = os.Mkdir(dir, directoryMode) // once: some places, such as /proc, have no room for a directory
	}
	if err == nil {
		return sync(parent)
	}
	info, statErr := os.Stat(dir)
	if statErr != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New("is not a directory")}
	}
	if err := sync(parent); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

func syncDirectory(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(syncEntries(opened), opened.Close())
}

type osRoot struct{ root *os.Root }

func (r osRoot) Names() ([]string, error) {
	opened, err := r.root.Open(".")
	if err != nil {
		return nil, err
	}
	names, err := opened.Readdirnames(-1)
	return names, errors.Join(err, opened.Close())
}

func (r osRoot) Create(name string) (File, error) {
	return r.open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

func (r osRoot) Open(name string) (File, error)     { return r.open(name, os.O_RDWR) }
func (r osRoot) OpenRead(name string) (File, error) { return r.open(name, os.O_RDONLY) }

func (r osRoot) open(name string, flag int) (File, error) {
	file, err := r.root.OpenFile(name, flag, fileMode)
	if err != nil {
		return nil, err
	}
	return osFile{file}, nil
}

func (r osRoot) Rename(from, to string) error { return r.root.Rename(from, to) }
func (r osRoot) Remove(name string) error     { return r.root.Remove(name) }
func (r osRoot) Close() error                 { return r.root.Close() }

func (r osRoot) Sync() error {
	opened, err := r.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(syncEntries(opened), opened.Close())
}

func (r osRoot) Lock(name string) (io.Closer, error) {
	file, err := r.root.OpenFile(name, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	if err := lock(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

type osFile struct{ *os.File }

// Sync makes what was written durable, and of the file's own data no more than is needed to read it.
func (f osFile) Sync() error { return syncData(f.File) }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
