package store

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockShared takes a lock that others may share; closing the file gives it back.
func lockShared(file *os.File) error {
	const flags = windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if err == windows.ERROR_LOCK_VIOLATION {
		return ErrLocked
	}
	return os.NewSyscallError("LockFileEx", err)
}
