//go:build unix

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockShared takes a lock that others may share; closing the file gives it back.
func lockShared(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return ErrLocked
	}
	return os.NewSyscallError("flock", err)
}
