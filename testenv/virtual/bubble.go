package virtual

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// Run runs a test in a bubble of virtual time. It returns when every goroutine that the test started has
// ended; where one is left that waits for ever, synctest fails the test and shows it.
//
// It runs on one processor: the goroutines of a bubble mostly wake each other in turn, and are twice as
// fast where they need not wake another processor to do so.
//
// Only one Run may be in progress in a process, and no other use of nats.go.
func Run(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	emptyPools()
	defer emptyPools()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, test)
}

// emptyPools empties every sync.Pool of the process. nats.go takes timers from one whenever it has
// connected again, and a timer of another bubble would end the process. What a pool holds survives
// one collection, and not two.
func emptyPools() {
	runtime.GC()
	runtime.GC()
}
