package worker_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/worker"
)

func TestALogIsFoundedAndItsValuesAreLearnedInOrder(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	c.proposer("p2")
	_, learned := c.learner("l1", 1)
	log := c.client()
	var want []string
	var last paxos.Slot
	for i := range 20 {
		value := fmt.Sprintf("value %d", i)
		slot := c.propose(log, value)
		if slot <= last {
			t.Fatalf("%q is in slot %d, after a value acknowledged in slot %d", value, slot, last)
		}
		want, last = append(want, value), slot
	}
	if got := withoutNoops(learned.through(t, last)); !slices.Equal(got, want) {
		t.Errorf("learned %q, want %q", got, want)
	}
}

func TestALogIsFoundedAlthoughTheBrokerComesLast(t *testing.T) {
	c := newCluster(t)
	c.broker.Shutdown()
	for _, id := range founders {
		c.acceptor(id)
	}
	c.proposer("p1")
	_, learned := c.learner("l1", 1)
	if err := c.broker.Restart(); err != nil {
		t.Fatal(err)
	}
	slot := c.propose(c.client(), "red")
	if got := withoutNoops(learned.through(t, slot)); !slices.Equal(got, []string{"red"}) {
		t.Errorf("learned %q, want red", got)
	}
}

func TestALogGoesOnAfterItsBrokerRestarts(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	_, learned := c.learner("l1", 1)
	log := c.client()
	c.propose(log, "red")
	if err := c.broker.Restart(); err != nil {
		t.Fatal(err)
	}
	last := c.propose(log, "blue")
	if got := withoutNoops(learned.through(t, last)); !slices.Equal(got, []string{"red", "blue"}) {
		t.Errorf("learned %q, want red and blue", got)
	}
}

func TestAcknowledgedValuesOutliveEveryWorker(t *testing.T) {
	c := newCluster(t)
	workers := []*running{c.proposer("p1")}
	for _, id := range founders {
		workers = append(workers, c.acceptor(id))
	}
	log := c.client()
	c.propose(log, "red")
	last := c.propose(log, "blue")
	for _, one := range workers {
		if err := one.stop(); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range founders[:2] { // a majority will do
		c.acceptor(id)
	}
	c.proposer("p2")
	_, learned := c.learner("l1", 1)
	if got := withoutNoops(learned.through(t, last)); !slices.Equal(got, []string{"red", "blue"}) {
		t.Errorf("learned %q, want red and blue", got)
	}
}

func TestALeaderThatStopsHandsOver(t *testing.T) {
	c := founded(t)
	proposers := map[string]*running{"p1": c.proposer("p1"), "p2": c.proposer("p2")}
	conn, log := c.connect(), c.client()
	first := c.leader(conn, "p1", "p2")
	before := c.propose(log, "red")
	stopped, err := conn.SubscribeSync("synod.main.p." + first + ".stop")
	if err == nil {
		err = conn.FlushWithContext(c.withinMinute())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := proposers[first].stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := stopped.NextMsgWithContext(c.withinMinute()); err != nil { // sent before the worker ended
		t.Errorf("the leader did not say that it stops: %v", err)
	}
	if after := c.propose(log, "blue"); after <= before {
		t.Errorf("a value is in slot %d, after one acknowledged in slot %d", after, before)
	}
}

func TestALearnerBeginsAtTheSlotItIsAskedFor(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	log := c.client()
	var slots []paxos.Slot
	for i := range 5 {
		slots = append(slots, c.propose(log, fmt.Sprint(i)))
	}
	_, learned := c.learner("l1", slots[3])
	if got := withoutNoops(learned.through(t, slots[4])); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("learned %q from slot %d, want 3 and 4", got, slots[3])
	}
}

func TestAnIDIsChosenOnce(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	log := c.client()
	first, err := log.Propose(c.withinMinute(), client.Proposal{Value: []byte("red"), ID: "order-7"})
	if err != nil || first.Duplicate {
		t.Fatalf("the first time: %+v, %v", first, err)
	}
	again, err := log.Propose(c.withinMinute(), client.Proposal{Value: []byte("blue"), ID: "order-7"})
	if want := (client.Outcome{Slot: first.Slot, Duplicate: true}); err != nil || again != want {
		t.Errorf("the second time: %+v, %v; want %+v", again, err, want)
	}
}

func TestAValueThatIsTooLargeIsRefusedByTheLeaderAlone(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	c.proposer("p2")
	conn, log := c.connect(), c.client()
	c.leader(conn, "p1", "p2")
	c.propose(log, "red") // the standby has heard the leader

	inbox := nats.NewInbox()
	answers, err := conn.SubscribeSync(inbox)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.PublishRequest("synod.main.propose", inbox, make([]byte, 1<<20-8<<10+1)); err != nil {
		t.Fatal(err)
	}
	answer, err := answers.NextMsgWithContext(c.withinMinute())
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Get("Nats-Service-Error-Code"); got != "413" {
		t.Errorf("the answer's code is %q, want 413: %s", got, answer.Data)
	}
	for range 5 {
		c.propose(log, "blue")
	}
	if pending, _, err := answers.Pending(); err != nil || pending > 0 {
		t.Errorf("%d more answers came: %v", pending, err)
	}
	_, err = log.Propose(c.withinMinute(), client.Proposal{Value: make([]byte, 1<<20-8<<10+1)})
	if !errors.Is(err, client.ErrTooLarge) {
		t.Errorf("the client says %v, want %v", err, client.ErrTooLarge)
	}
	c.propose(log, string(make([]byte, 1<<20-8<<10))) // the largest
}

func TestEveryWorkerIsAServiceThatTellsItsState(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	_, learned := c.learner("l1", 1)
	conn := c.connect()
	slot := c.propose(c.client(), "red")
	learned.through(t, slot)

	var acceptor worker.AcceptorReport
	c.status(conn, "a", "a1", &acceptor)
	if acceptor.Role != "acceptor" || acceptor.ID != "a1" || acceptor.Log != "main" || acceptor.Boot != 1 {
		t.Errorf("the acceptor says %+v", acceptor)
	}
	m := acceptor.Membership
	if m == nil || len(m.Members) != 3 || len(m.Members[0].Store) != hex.EncodedLen(16) {
		t.Errorf("the acceptor's membership is %+v, want three members and their stores", m)
	}
	c.leader(conn, "p1") // reports are a tick old
	var proposer worker.ProposerReport
	c.status(conn, "p", "p1", &proposer)
	if proposer.State != "leading" || proposer.Ballot == "" || proposer.Messages.Received == 0 {
		t.Errorf("the proposer says %+v", proposer)
	}
	var learner worker.LearnerReport
	c.status(conn, "l", "l1", &learner)
	if learner.Role != "learner" || learner.Membership == nil {
		t.Errorf("the learner says %+v", learner)
	}
	for _, role := range []string{"acceptor", "proposer", "learner"} {
		reply, err := conn.RequestWithContext(c.withinMinute(), "$SRV.INFO.synod-"+role, nil)
		var info struct {
			Endpoints []struct{ Name, Subject string }
		}
		if err == nil {
			err = json.Unmarshal(reply.Data, &info)
		}
		if err != nil || len(info.Endpoints) != 1 || info.Endpoints[0].Name != "status" {
			t.Errorf("`nats service info synod-%s` shows %+v: %v", role, info, err)
		}
	}
}

func TestASecondAcceptorOnOneDirectoryIsRefused(t *testing.T) {
	c := founded(t)
	conn := c.connect()
	var report worker.AcceptorReport
	c.status(conn, "a", "a1", &report)
	twin := c.acceptor("a1")
	<-twin.done
	var inUse *store.InUseError
	if !errors.As(twin.err, &inUse) {
		t.Errorf("a second acceptor on one directory ended with %v", twin.err)
	}
}

func withoutNoops(values []string) []string {
	return slices.DeleteFunc(values, func(text string) bool { return text == "no-op" })
}
