package simulate

import (
	"reflect"
	"testing"

	"github.com/synod-log/synod/paxos"
)

func TestDeliveriesToDifferentWorkersLeadToOneStateInAnyOrder(t *testing.T) {
	s := newSearch(&Exhaustive{Bounds: tiny()})
	e := s.explorers[0]
	asked, _ := e.after(s.frontier[0], move{kind: waits, who: Proposer(1)})
	to := func(g *global, n int) *global {
		for _, v := range s.candidates(g, nil) {
			if v.who == Acceptor(n) && v.kind == arrives {
				next, _ := e.after(g, v)
				return next
			}
		}
		t.Fatalf("nothing is on its way to %v", Acceptor(n))
		return nil
	}
	workers := len(s.present)
	one, other := to(to(asked, 1), 2), to(to(asked, 2), 1)
	if one.hash(workers) != other.hash(workers) {
		t.Error("two orders of independent deliveries lead to two states")
	}
	if to(asked, 1).hash(workers) == to(asked, 2).hash(workers) || to(asked, 1).hash(workers) == asked.hash(workers) {
		t.Error("different deliveries lead to one state")
	}
}

// sample has each kind of field that states have.
type sample struct {
	Number  int
	Word    string
	Flag    bool
	Bytes   []byte
	Array   [2]uint16
	Ballot  paxos.Ballot
	Map     map[string]int
	Pointer *paxos.Span
	Body    paxos.Body
	Votes   []paxos.Span
}

func TestEachFieldThatDiffersChangesTheHash(t *testing.T) {
	same := func() sample {
		return sample{
			1, "a", true, []byte{1}, [2]uint16{1, 2}, paxos.Ballot{Round: 1}, map[string]int{"a": 1, "b": 2},
			&paxos.Span{First: 1, Last: 2}, &paxos.Stop{}, []paxos.Span{{First: 1, Last: 1}},
		}
	}
	other := sample{
		2, "b", false, []byte{2}, [2]uint16{2, 1}, paxos.Ballot{Round: 2}, map[string]int{"a": 2, "b": 1},
		&paxos.Span{First: 1, Last: 3}, &paxos.Pull{}, []paxos.Span{{First: 1, Last: 2}},
	}
	var h stateHasher
	first, second := same(), same()
	if h.hashOf(&first) != h.hashOf(&second) {
		t.Error("two equal values have two hashes")
	}
	for i := range reflect.TypeFor[sample]().NumField() {
		changed := same()
		reflect.ValueOf(&changed).Elem().Field(i).Set(reflect.ValueOf(other).Field(i))
		if h.hashOf(&changed) == h.hashOf(&first) {
			t.Errorf("%s does not count", reflect.TypeFor[sample]().Field(i).Name)
		}
	}
}

// What a state leaves out is named: who adds a field to a world must say here where it belongs.
func TestEveryFieldOfAWorldIsPartOfAStateOrTheSameInAll(t *testing.T) {
	known := map[string]bool{}
	for _, name := range []string{
		"workers", "network", "truth", "voting", "proposals", "requests", "acknowledged", // parts of a state
		"setup", "salt", "present", "clock", "founded", "tag", "isFlooded", "identityFault", // same in all
		"violation",                                                                    // ends the search
		"faults", "print", "detail", "isLapse", "batch", "values", "letters", "hasher", // decides nothing
	} {
		known[name] = true
	}
	world := reflect.TypeFor[World]()
	for i := range world.NumField() {
		if name := world.Field(i).Name; !known[name] {
			t.Errorf("a world has %s now: is it part of its state? Then put it into common, and here", name)
		}
	}
}
