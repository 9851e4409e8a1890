package e2e

import (
	"context"
	"strconv"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

// plainReader follows a log with nothing but headers: it takes what comes next off the feed, and reads what
// the feed passed over.
type plainReader struct {
	t    *testing.T
	conn *nats.Conn
	feed *nats.Subscription
	next uint64
	seen []string
}

func (r *plainReader) run(ctx context.Context, last string) {
	r.t.Helper()
	for len(r.seen) == 0 || r.seen[len(r.seen)-1] != last {
		msg, err := r.feed.NextMsgWithContext(ctx)
		if err != nil {
			r.t.Fatalf("the feed ended at slot %d: %v", r.next, err)
		}
		slot := r.slotOf(msg, "Synod-Slot")
		if slot > r.next {
			r.readUntil(ctx, slot)
		}
		r.take(msg)
	}
}

// readUntil reads the slots below one that came too early.
func (r *plainReader) readUntil(ctx context.Context, slot uint64) {
	r.t.Helper()
	for r.next < slot {
		inbox := nats.NewInbox()
		answer, err := r.conn.SubscribeSync(inbox)
		if err != nil {
			r.t.Fatal(err)
		}
		request := `{"from":` + strconv.FormatUint(r.next, 10) + `}`
		if err := r.conn.PublishRequest("synod.main.read", inbox, []byte(request)); err != nil {
			r.t.Fatal(err)
		}
		for {
			msg, err := answer.NextMsgWithContext(ctx)
			if err != nil {
				r.t.Fatalf("an answer has no end at slot %d: %v", r.next, err)
			}
			if msg.Header.Get("Synod-Status") != "" || msg.Header.Get("Status") != "" {
				break // its end; or nobody listens for a moment, while a learner is restarted
			}
			r.take(msg)
		}
		_ = answer.Unsubscribe()
	}
}

// take keeps a slot that is the next one.
func (r *plainReader) take(msg *nats.Msg) {
	r.t.Helper()
	if r.slotOf(msg, "Synod-Slot") != r.next {
		return
	}
	r.next++
	if msg.Header.Get("Synod-Kind") != "noop" {
		r.seen = append(r.seen, string(msg.Data))
	}
}

func (r *plainReader) slotOf(msg *nats.Msg, header string) uint64 {
	r.t.Helper()
	slot, err := strconv.ParseUint(msg.Header.Get(header), 10, 64)
	if err != nil {
		r.t.Fatalf("%s of %v: %v", header, msg.Header, err)
	}
	return slot
}

func TestTheFeedHasNoHoleForAPlainReaderAlthoughItsLearnerIsKilled(t *testing.T) {
	c := startCluster(t)
	conn := c.connect()
	feed, err := conn.SubscribeSync("synod.main.chosen")
	if err != nil {
		t.Fatal(err)
	}
	if err := feed.SetPendingLimits(-1, -1); err != nil {
		t.Fatal(err)
	}
	log, err := client.New(conn, "main", client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(200, patience)
	for range times(2, 6) { // l1 publishes again once it is back, and level
		c.workers["l1"].Kill()
		load.Progress(600, patience)
		c.start("l1")
		load.Progress(600, patience)
	}
	history := load.Stop()
	if _, err := log.Propose(ctx, client.Proposal{Value: []byte("last")}); err != nil {
		t.Fatal(err)
	}
	reader := &plainReader{t: t, conn: conn, feed: feed, next: 1}
	reader.run(ctx, "last")
	requireAllAnswered(t, history)
	lines := c.log()
	var want []string
	for _, line := range lines {
		if !line.Noop {
			want = append(want, line.Value)
		}
	}
	if len(reader.seen) != len(want) {
		t.Fatalf("the reader saw %d values, and the log has %d", len(reader.seen), len(want))
	}
	for i := range want {
		if reader.seen[i] != want[i] {
			t.Fatalf("the reader saw %q as value %d, and the log has %q", reader.seen[i], i, want[i])
		}
	}
}
