package virtual

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// Run runs a test in a bubble of virtual time. It returns when every goroutine that the test started has
// ended; where one is left that waits for ever, synctest fails the test and shows it.
//
// Only one Run may be in progress in a process, and no other use of nats.go.
func Run(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	emptyPools()
	defer emptyPools()
	synctest.Test(t, test)
}

// emptyPools empties every sync.Pool of the process. nats.go takes timers from one whenever it has
// connected again, and a timer of another bubble would end the process. What a pool holds survives
// one collection, and not two.
func emptyPools() {
	runtime.GC()
	runtime.GC()
}
