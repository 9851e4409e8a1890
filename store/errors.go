package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrClosed is what a store that was closed returns.
var ErrClosed = errors.New("the store is closed")

// DamagedError says that a store holds something that no crash can have left behind: bytes changed or
// went missing after they were synced. Such a store does not vote, since it may have forgotten a vote,
// and nothing in it is changed.
type DamagedError struct {
	File   string // name in the store's directory
	Offset int64  // where in the file, in bytes
	What   string
	Remedy string
}

// Error names the place, what is wrong there, and what to do.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("store is damaged: %s at byte %d: %s; %s", e.File, e.Offset, e.What, e.Remedy)
}

// remedy is what to do about damage. An older copy is never the remedy: it has forgotten votes.
const remedy = "keep the directory as it is and this acceptor stopped (the others go on without it), " +
	"check the disk, and put back the very same file from a mirror if there is one; " +
	"never an older copy, never a file cut short"

func damaged(file string, offset int64, format string, args ...any) error {
	return &DamagedError{File: file, Offset: offset, What: fmt.Sprintf(format, args...), Remedy: remedy}
}

// InUseError says that another process, or another store of this one, holds the directory.
type InUseError struct{ Dir string }

// Error says which directory, and what to do.
func (e *InUseError) Error() string {
	return fmt.Sprintf("store %s is in use by another process; stop that one, "+
		"or give this acceptor a directory of its own", e.Dir)
}

// IdentityError says that the store belongs to another acceptor or another log.
type IdentityError struct {
	Dir    string
	What   string // "acceptor" or "log"
	Holds  string
	Wanted string
}

// Error says whose store it is, and what to do.
func (e *IdentityError) Error() string {
	return fmt.Sprintf("store %s belongs to %s %s, not to %s; give each acceptor of each log "+
		"a directory of its own", e.Dir, e.What, e.Holds, e.Wanted)
}

// FormatError says that a newer version of this program wrote the store.
type FormatError struct {
	File    string
	Version uint32
}

// Error says which format, and what to do.
func (e *FormatError) Error() string {
	return fmt.Sprintf("store file %s has format %d, newer than %d, the newest known here; "+
		"start the version that wrote it", e.File, e.Version, formatVersion)
}

// ForeignFileError says that the directory has something in it that is no part of a store.
type ForeignFileError struct {
	Dir  string
	Name string
}

// Error says which file, and what to do.
func (e *ForeignFileError) Error() string {
	return fmt.Sprintf("store %s has %q in it, which is no part of a store; move it away, "+
		"or choose another directory", e.Dir, e.Name)
}

// UnreadableError says that the operating system refused to open, read or make a part of the store.
type UnreadableError struct {
	Dir string
	Err error
}

// Error says what was refused, and what to do.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("store %s cannot be used: %v; check the directory's owner and permissions, "+
		"the space left and the disk, then start again", e.Dir, e.Err)
}

// Unwrap is the operating system's error.
func (e *UnreadableError) Unwrap() error { return e.Err }

// FailedError says that the operating system refused to write or sync a part of the store. What is on
// disk is then not known before the store is opened again.
type FailedError struct {
	Dir string
	Err error // names the file and the operation
}

// Error says what was refused, and what to do.
func (e *FailedError) Error() string {
	return fmt.Sprintf("store %s failed: %v; look at the space left and at the disk, then start again "+
		"with the same directory: nothing that was acknowledged rests on what failed", e.Dir, e.Err)
}

// Unwrap is the operating system's error.
func (e *FailedError) Unwrap() error { return e.Err }

// refused names the file and the operation that an error of the operating system is about: the system
// itself names no file that it could not sync, and a segment by the name it was made with.
func refused(operation, file string, err error) error {
	var path *fs.PathError
	var call *os.SyscallError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &call):
		err = call.Err
	}
	return &fs.PathError{Op: operation, Path: file, Err: err}
}
