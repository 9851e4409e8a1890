package main

import (
	"runtime"
	"testing"
)

func TestAWorkerUsesOneProcessorUnlessItIsToldHowMany(t *testing.T) {
	before := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(before)
	t.Setenv("GOMAXPROCS", "3")
	if oneProcessor(); runtime.GOMAXPROCS(0) != 3 {
		t.Errorf("told 3, it uses %d", runtime.GOMAXPROCS(0))
	}
	t.Setenv("GOMAXPROCS", "")
	if oneProcessor(); runtime.GOMAXPROCS(0) != 1 {
		t.Errorf("told nothing, it uses %d", runtime.GOMAXPROCS(0))
	}
}
