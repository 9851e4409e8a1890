package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/synod-log/synod/paxos"
)

func TestAFullLearnerHearsWhoLeadsAndWhatIsChosenButNoValues(t *testing.T) {
	ballot := paxos.Ballot{Round: 1, Proposer: "p1"}
	run := paxos.Run{First: 5, Values: []paxos.Value{{Kind: paxos.KindValue}}}
	accept := &paxos.Accept{Ballot: ballot, Run: run, Chosen: 4}
	chosen := &paxos.Chosen{Ballot: ballot}
	messages := []paxos.Message{{Body: accept}, {Body: &paxos.Settled{Run: run}}, {Body: chosen}}
	kept := withoutValues(messages)
	if len(kept) != 2 || kept[1].Body != paxos.Body(chosen) {
		t.Fatalf("kept %v, want an accept without values and what is chosen", kept)
	}
	got, ok := kept[0].Body.(*paxos.Accept)
	if !ok || !got.Run.IsEmpty() || got.Ballot != ballot || got.Chosen != 4 {
		t.Errorf("of the accept %v was kept", kept[0])
	}
	if accept.Run.IsEmpty() {
		t.Error("the message itself was changed: others may hold it")
	}
}

func TestADeliveryIsFullUntilItsConsumerHasTakenEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := paxos.Run{First: 1, Values: []paxos.Value{{Kind: paxos.KindValue, Data: make([]byte, 100)}}}
		d := newDelivery(2 * run.Size())
		taken := make(chan paxos.Run)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() {
			_ = d.run(ctx, func(run paxos.Run) error {
				taken <- run
				return nil
			})
		}()
		for want := range 3 { // what comes beyond the bound is kept all the same
			if d.isFull() != (want == 2) {
				t.Errorf("with %d runs, full: %v", want, d.isFull())
			}
			d.add(run)
			run.First++
		}
		for want := paxos.Slot(1); want <= 3; want++ {
			if got := <-taken; got.First != want {
				t.Errorf("took slot %d, want %d", got.First, want)
			}
			synctest.Wait()
			if got := paxos.Slot(d.delivered.Load()); got != want {
				t.Errorf("delivered through %d, want %d", got, want)
			}
		}
		if d.isFull() {
			t.Error("full although all was taken")
		}
	})
}

func TestADeliveryEndsWithItsConsumersError(t *testing.T) {
	d := newDelivery(1)
	d.add(paxos.Run{First: 1, Values: make([]paxos.Value, 1)})
	broken := errors.New("broken")
	if err := d.run(t.Context(), func(paxos.Run) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("ended with %v, want %v", err, broken)
	}
}
