package worker_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

func TestALogIsFoundedAndItsValuesAreLearnedInOrder(t *testing.T) {
	c := newCluster(t)
	for _, id := range founders {
		c.acceptor(id)
	}
	c.proposer("p1")
	c.proposer("p2")
	_, learned := c.learner("l1", 1)
	log := c.client()
	var want []string
	var last client.Outcome
	for i := range 20 {
		value := fmt.Sprintf("value %d", i)
		outcome, err := log.Propose(t.Context(), client.Proposal{Value: []byte(value)})
		if err != nil {
			t.Fatal(err)
		}
		if outcome.Slot <= last.Slot {
			t.Fatalf("%q is in slot %d, after a value acknowledged in slot %d", value, outcome.Slot, last.Slot)
		}
		want, last = append(want, value), outcome
	}
	got := learned.through(t, paxos.Slot(last.Slot))
	got = slices.DeleteFunc(got, func(text string) bool { return text == "no-op" })
	if !slices.Equal(got, want) {
		t.Errorf("learned %q, want %q", got, want)
	}
}
