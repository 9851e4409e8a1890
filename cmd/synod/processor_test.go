package main

import (
	"runtime"
	"testing"

	"github.com/synod-log/synod/config"
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

func TestRolesThatVoteAndLeadForOneLogUseOneProcessorAndOthersMore(t *testing.T) {
	before := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(before)
	t.Setenv("GOMAXPROCS", "")
	acceptor, proposer, learner := config.Role{Name: "acceptor"}, config.Role{Name: "proposer"},
		config.Role{Name: "learner"}
	other := config.Role{Name: "acceptor", Settings: config.Config{Log: "orders"}}
	for _, test := range []struct {
		roles []config.Role
		want  int
	}{
		{[]config.Role{acceptor, proposer}, 1},
		{[]config.Role{acceptor}, 1},
		{[]config.Role{acceptor, learner}, 3},
		{[]config.Role{proposer, acceptor, other}, 3},
	} {
		runtime.GOMAXPROCS(3)
		if processorsFor(test.roles); runtime.GOMAXPROCS(0) != test.want {
			t.Errorf("%v use %d processors, want %d", test.roles, runtime.GOMAXPROCS(0), test.want)
		}
	}
}
