package paxos

import (
	"fmt"
	"testing"
)

func TestNewcomersHoweverManyDoNotMakeEverybodyShout(t *testing.T) {
	g := newGreeter(100)
	hellos := 0
	for tick := range 1000 {
		for i := range 50 {
			g.hear(Address{RoleLearner, fmt.Sprint(tick*50 + i)}, Nonce{1})
		}
		if g.tick() {
			hellos++
		}
	}
	if most := 1000/(100/10) + 1; hellos > most {
		t.Errorf("%d hellos in 1000 ticks, want at most %d", hellos, most)
	}
}
