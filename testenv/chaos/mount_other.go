//go:build !linux

package chaos

import "errors"

func mount(string, int64) error { return errors.New("only Linux mounts one") }

func unmount(string) {}
