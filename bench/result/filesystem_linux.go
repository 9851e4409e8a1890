package result

import (
	"fmt"
	"syscall"
)

// fileSystems are the kinds that people have, by the kernel's numbers for them.
var fileSystems = map[int64]string{
	0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x01021994: "tmpfs (no disk)",
	0x794c7630: "overlayfs", 0x2fc12fc1: "zfs", 0x6969: "nfs", 0xf2f52010: "f2fs",
}

// fileSystem is the kind of file system that dir is on.
func fileSystem(dir string) string {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return "unknown: " + err.Error()
	}
	if name, ok := fileSystems[int64(stat.Type)]; ok {
		return name
	}
	return fmt.Sprintf("number %#x", stat.Type)
}
