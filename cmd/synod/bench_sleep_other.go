//go:build !linux

package main

import "time"

// sleepPrecisely sleeps for a moment, as precisely as the runtime does.
func sleepPrecisely(d time.Duration) { time.Sleep(d) }
