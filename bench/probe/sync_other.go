//go:build !linux

package probe

import "os"

func fdatasync(file *os.File) error { return file.Sync() }
