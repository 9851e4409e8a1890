package store

import (
	"errors"
	"io"
)

// FS is where a store's directory lives: the operating system's files, or in tests a disk that loses
// and tears what was not synced.
type FS interface {
	// OpenRoot opens the directory dir, and makes it, durably, where it is missing.
	OpenRoot(dir string) (Root, error)
}

// Root is one directory. Names are plain file names: nothing outside the directory can be reached.
type Root interface {
	// Names returns the names of all that is in the directory, in any order.
	Names() ([]string, error)
	// Create makes a file that does not exist yet, for reading and writing.
	Create(name string) (File, error)
	// Open opens a file that exists, for reading and writing.
	Open(name string) (File, error)
	// OpenRead opens a file that exists, for reading.
	OpenRead(name string) (File, error)
	// Rename gives a file another name, at once and whole.
	Rename(from, to string) error
	// Remove removes a file's name.
	Remove(name string) error
	// Sync makes names that were created, renamed or removed durable.
	Sync() error
	// Lock locks the named file, making it where it is missing, until the Closer is closed or the
	// process ends. It does not wait: ErrLocked where another holds it.
	Lock(name string) (io.Closer, error)
	// Close closes the directory, not the files opened from it.
	Close() error
}

// File is one open file. Bytes written are durable after Sync, and not before.
type File interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Sync() error
	Close() error
}

// ErrLocked is what Root.Lock returns where somebody else holds the lock.
var ErrLocked = errors.New("locked")
