//go:build unix

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the exclusive lock of an open file. It belongs to this opening of the file, so that two
// stores of one process exclude each other too.
func lock(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return ErrLocked
	}
	return os.NewSyscallError("flock", err)
}

func syncEntries(directory *os.File) error { return directory.Sync() }
