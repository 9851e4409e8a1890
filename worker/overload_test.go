package worker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// flood is plain requests that nobody waits with: all are sent before the first answer is read.
type flood struct {
	t       *testing.T
	conn    *nats.Conn
	answers *nats.Subscription
	inbox   string
}

func startFlood(t *testing.T, conn *nats.Conn, count int) *flood {
	f := &flood{t: t, conn: conn, inbox: nats.NewInbox()}
	var err error
	if f.answers, err = conn.SubscribeSync(f.inbox + ".*"); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		if err := conn.PublishRequest("synod.main.propose", fmt.Sprint(f.inbox, ".", i), f.value(i)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f *flood) value(i int) []byte { return fmt.Appendf(nil, "%s %0128d", f.inbox, i) }

// read returns the slots of the requests that were acknowledged, by number, and how many were refused, once
// each has its answer.
func (f *flood) read(ctx context.Context, count int) (acknowledged map[int]paxos.Slot, refused int) {
	f.t.Helper()
	acknowledged = make(map[int]paxos.Slot)
	for read := range count {
		msg, err := f.answers.NextMsgWithContext(ctx)
		if err != nil {
			f.t.Fatalf("%d of %d requests have no answer: %v", count-read, count, err)
		}
		var told struct {
			Slot  paxos.Slot
			Error struct {
				Code       int
				RetryAfter int `json:"retry_after_ms"`
			}
		}
		if err := json.Unmarshal(msg.Data, &told); err != nil {
			f.t.Fatalf("%q: %v", msg.Data, err)
		}
		if told.Slot != 0 {
			number, _ := strconv.Atoi(msg.Subject[len(f.inbox)+1:])
			acknowledged[number] = told.Slot
			continue
		}
		refused++
		hint := msg.Header.Get("Synod-Retry-After-Ms")
		if told.Error.Code != 429 || told.Error.RetryAfter < 50 || hint != strconv.Itoa(told.Error.RetryAfter) {
			f.t.Errorf("answered %s with the header %q", msg.Data, hint)
		}
	}
	return acknowledged, refused
}

func TestAFloodIsAnsweredByAcknowledgementsAndRefusalsAndNothingAcknowledgedIsLost(t *testing.T) {
	const count = 5000
	c := founded(t)
	c.start(func(ctx context.Context) error {
		o := worker.ProposerOptions{Options: c.options("p1")}
		o.Limits = paxos.Limits{Held: 64 << 10, Run: 16 << 10, Runs: 2}
		return worker.RunProposer(ctx, o)
	})
	_, learned := c.learner("l1", 1)
	log, conn := c.client(), c.connect()
	c.leader(conn, "p1")

	library := make(chan []client.Outcome, 1)
	go func() {
		proposals := make([]client.Proposal, count)
		for i := range proposals {
			proposals[i].Value = fmt.Appendf(nil, "library %0128d", i)
		}
		outcomes, err := log.ProposeAll(c.withinMinute(), proposals)
		if err != nil {
			t.Errorf("the library, which waits and tries again, ended with %v", err)
		}
		library <- outcomes
	}()
	plain := startFlood(t, conn, count)
	acknowledged, refused := plain.read(c.withinMinute(), count)
	outcomes := <-library
	if len(acknowledged) == 0 || refused == 0 {
		t.Errorf("%d were acknowledged and %d refused, want some of both", len(acknowledged), refused)
	}

	last := c.propose(log, "after the flood")
	learned.through(t, last)
	has := func(slot paxos.Slot, want []byte) {
		if got := string(learned.values[slot-1].Data); got != string(want) {
			t.Errorf("acknowledged in slot %d is %q, learned there is %q", slot, want, got)
		}
	}
	learned.mutex.Lock()
	defer learned.mutex.Unlock()
	for number, slot := range acknowledged {
		has(slot, plain.value(number))
	}
	for i, outcome := range outcomes {
		has(paxos.Slot(outcome.Slot), fmt.Appendf(nil, "library %0128d", i))
	}
	var report worker.ProposerReport
	c.status(conn, "p", "p1", &report)
	if report.Overloaded < uint64(refused) {
		t.Errorf("%d were refused, and the status counts %d", refused, report.Overloaded)
	}
}
