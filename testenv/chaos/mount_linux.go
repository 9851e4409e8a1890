package chaos

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// mount mounts an empty file system in memory with room for so many bytes.
func mount(at string, bytes int64) error {
	return unix.Mount("tmpfs", at, "tmpfs", 0, fmt.Sprintf("size=%d", bytes))
}

func unmount(at string) { _ = unix.Unmount(at, unix.MNT_DETACH) }
