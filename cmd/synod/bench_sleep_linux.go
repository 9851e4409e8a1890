package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// sleepPrecisely sleeps for a moment, about 0.1 ms too long. It holds a thread, and a signal, which the
// runtime sends too, ends it early.
func sleepPrecisely(d time.Duration) {
	moment := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&moment, nil)
}
