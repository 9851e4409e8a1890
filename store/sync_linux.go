package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData syncs a file's bytes and its size, but not its times: the cheaper fdatasync. A call that a
// signal interrupted has synced nothing and reported nothing yet, so it is made again; every other
// error is final.
func syncData(file *os.File) error {
	for {
		err := unix.Fdatasync(int(file.Fd()))
		if err != unix.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
