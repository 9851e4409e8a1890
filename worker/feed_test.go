package worker_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/worker"
)

// served is a cluster with a leader and a learner that answers reads, and a client that is no library.
func served(t *testing.T, options worker.LearnerOptions) (*cluster, *nats.Conn) {
	c := founded(t)
	c.proposer("p1")
	conn := c.connect()
	c.leader(conn, "p1")
	options.Options = c.options("l1")
	c.serve(options)
	c.awaitReads(conn)
	return c, conn
}

// serve runs a learner.
func (c *cluster) serve(options worker.LearnerOptions) *running {
	return c.start(func(ctx context.Context) error { return worker.RunLearner(ctx, options, nil) })
}

func (c *cluster) awaitReads(conn *nats.Conn) {
	c.t.Helper()
	for {
		_, err := conn.RequestWithContext(c.withinMinute(), "synod.main.read", []byte(`{"from":1}`))
		if err == nil {
			return
		}
		if !errors.Is(err, nats.ErrNoResponders) {
			c.t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
}

// read asks for slots, and returns all of the answer.
func (c *cluster) read(conn *nats.Conn, request string) []*nats.Msg {
	c.t.Helper()
	inbox := nats.NewInbox()
	answers, err := conn.SubscribeSync(inbox)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = answers.Unsubscribe() }()
	if err := conn.PublishRequest("synod.main.read", inbox, []byte(request)); err != nil {
		c.t.Fatal(err)
	}
	var all []*nats.Msg
	for {
		msg, err := answers.NextMsgWithContext(c.withinMinute())
		if err != nil {
			c.t.Fatalf("the answer to %s has no end after %d messages: %v", request, len(all), err)
		}
		all = append(all, msg)
		if msg.Header.Get("Synod-Status") != "" {
			return all
		}
	}
}

// told is what a message of the feed, or of an answer, says in its headers.
func told(msg *nats.Msg) string {
	said := msg.Header.Get("Synod-Slot") + msg.Header.Get("Synod-Kind") + msg.Header.Get("Synod-Status")
	return said + " " + string(msg.Data)
}

// awaitServed waits until the learner serves a slot. What a leader acknowledges, it hears a moment later.
func (c *cluster) awaitServed(conn *nats.Conn, slot int) {
	c.t.Helper()
	for ctx := c.withinMinute(); len(c.read(conn, fmt.Sprintf(`{"from":%d}`, slot))) < 2; {
		if ctx.Err() != nil {
			c.t.Fatalf("slot %d is not served after a minute", slot)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAReadIsAnsweredWithTheSlotsAskedForAndWhereToGoOn(t *testing.T) {
	c, conn := served(t, worker.LearnerOptions{})
	log := c.client()
	for n := 1; n <= 10; n++ {
		c.propose(log, fmt.Sprint("v", n))
	}
	c.awaitServed(conn, 10)
	for request, want := range map[string]string{
		`{"from":1,"max":2}`:       "1 v1,2 v2,end  next 3",
		`{"from":9,"max":10}`:      "9 v9,10 v10,end  next 11",
		`{"from":10}`:              "10 v10,end  next 11",
		`{"from":11,"max":5}`:      "end  next 11",
		`{"from":900,"max":10000}`: "end  next 900",
	} {
		var got []string
		for _, msg := range c.read(conn, request) {
			said := told(msg)
			if next := msg.Header.Get("Synod-Next"); next != "" {
				said += " next " + next
			}
			got = append(got, said)
			if msg.Header.Get("Synod-Log") != "main" {
				t.Errorf("%s: a message has headers %v", request, msg.Header)
			}
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s is answered %q, want %q", request, strings.Join(got, ","), want)
		}
	}
}

func TestWhatIsNoRequestIsToldWhy(t *testing.T) {
	c, conn := served(t, worker.LearnerOptions{})
	for request, want := range map[string]string{
		``:                              "empty",
		`hello`:                         "cannot be read",
		`[]`:                            "cannot be read",
		`{}`:                            "from is missing",
		`{"from":0}`:                    "begin at 1",
		`{"from":-1}`:                   "cannot be read",
		`{"from":1.5}`:                  "cannot be read",
		`{"from":"1"}`:                  "cannot be read",
		`{"from":99999999999999999999}`: "cannot be read",
		`{"from":9223372036854775807}`:  "no slot",
		`{"from":1,"max":0}`:            "from 1 to 10000",
		`{"from":1,"max":10001}`:        "from 1 to 10000",
		`{"from":1,"maximum":5}`:        "unknown field",
		`{"from":1}{"from":2}`:          "follows",
		`{"from":1,"max":` + strings.Repeat(" ", 1024) + `5}`: "at most 1024",
	} {
		answer := c.read(conn, request)
		header := answer[0].Header
		if len(answer) != 1 || header.Get("Synod-Status") != "error" || len(answer[0].Data) != 0 ||
			header.Get("Nats-Service-Error-Code") != "400" ||
			!strings.Contains(header.Get("Nats-Service-Error"), want) {
			t.Errorf("%q is answered with %d messages, the first %v; want why: %s", request, len(answer), header, want)
		}
	}
}

func TestNobodyAnswersOnTheSubjectsOfOthers(t *testing.T) {
	c, conn := served(t, worker.LearnerOptions{})
	c.propose(c.client(), "red")
	for _, reply := range []string{"synod.main.p.p1.stop", "synod.other.propose", "$SYS.x"} {
		heard, err := conn.SubscribeSync(reply)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.PublishRequest("synod.main.read", reply, []byte(`{"from":1}`)); err != nil {
			t.Fatal(err)
		}
		c.read(conn, `{"from":1}`) // answered after it
		if count, _, _ := heard.Pending(); count != 0 {
			t.Errorf("a read was answered on %s", reply)
		}
	}
}

func TestTheLargestValueTravelsOnTheFeedAndInReads(t *testing.T) {
	c, conn := served(t, worker.LearnerOptions{})
	feed, err := conn.SubscribeSync("synod.main.chosen")
	if err != nil {
		t.Fatal(err)
	}
	header := nats.Header{"Trace": {strings.Repeat("t", 100)}}
	const most = 1<<20 - 8<<10
	largest := client.Proposal{Value: make([]byte, most-(5+100+8)), Header: header}
	ofHeaders := client.Proposal{Header: nats.Header{}}
	for left := most; left > 0; left -= 16 << 10 { // of many small ones, which take more than they weigh
		name := fmt.Sprint("H", left)
		ofHeaders.Header[name] = []string{strings.Repeat("h", min(left, 16<<10)-8-len(name))}
	}
	log := c.client()
	for n, proposal := range []client.Proposal{largest, ofHeaders} {
		if _, err := log.Propose(c.withinMinute(), proposal); err != nil {
			t.Fatal(err)
		}
		fed, err := feed.NextMsgWithContext(c.withinMinute())
		if err != nil {
			t.Fatal(err)
		}
		read := c.read(conn, fmt.Sprintf(`{"from":%d}`, n+1))
		for _, got := range []*nats.Msg{fed, read[0]} {
			own := maps.Clone(got.Header)
			maps.DeleteFunc(own, func(name string, _ []string) bool { return strings.HasPrefix(name, "Synod-") })
			if len(got.Data) != len(proposal.Value) || fmt.Sprint(own) != fmt.Sprint(proposal.Header) ||
				got.Header.Get("Synod-Slot") != fmt.Sprint(n+1) {
				t.Errorf("slot %d came with %d bytes and %d headers", n+1, len(got.Data), len(own))
			}
		}
	}
}

func TestWhatALearnerNoLongerKeepsIsReadFromTheAcceptors(t *testing.T) {
	c, conn := served(t, worker.LearnerOptions{MemoryBytes: 1})
	log := c.client()
	const count = 300
	for n := 1; n <= count; n++ {
		c.propose(log, fmt.Sprint("v", n))
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for next := 1; next <= count; {
				answer := c.read(conn, fmt.Sprintf(`{"from":%d,"max":70}`, next))
				for _, msg := range answer[:len(answer)-1] {
					if want := fmt.Sprintf("%d v%d", next, next); told(msg) != want {
						t.Errorf("came %q, want %q", told(msg), want)
						return
					}
					next++
				}
			}
		})
	}
	readers.Wait()
}

func TestAReadThatNoAcceptorCanServeIsToldSoAndTheNextIsServed(t *testing.T) {
	c := newCluster(t)
	var acceptors []*running
	for _, id := range founders {
		acceptors = append(acceptors, c.acceptor(id))
	}
	c.proposer("p1")
	conn := c.connect()
	c.leader(conn, "p1")
	c.serve(worker.LearnerOptions{Options: c.options("l1"), MemoryBytes: 1})
	c.awaitReads(conn)
	log := c.client()
	for n := 1; n <= 3; n++ {
		c.propose(log, fmt.Sprint("v", n))
	}
	c.awaitServed(conn, 3)
	for _, acceptor := range acceptors {
		_ = acceptor.stop()
	}
	answer := c.read(conn, `{"from":1}`)
	got := answer[0].Header
	if got.Get("Synod-Status") != "error" || got.Get("Nats-Service-Error-Code") != "503" {
		t.Errorf("without acceptors a read is answered %v", got)
	}
	if got := told(c.read(conn, `{"from":3}`)[0]); got != "3 v3" {
		t.Errorf("what the learner keeps is answered %q", got)
	}
}

func TestAReaderByHeadersAloneFindsNoHole(t *testing.T) {
	c, conn := served(t, worker.LearnerOptions{})
	feed, err := conn.SubscribeSync("synod.main.chosen")
	if err != nil {
		t.Fatal(err)
	}
	log := c.client()
	const count = 200
	var proposing sync.WaitGroup
	defer proposing.Wait()
	proposing.Go(func() {
		for n := range count {
			c.propose(log, fmt.Sprint(n))
		}
	})
	for want := 1; want <= count; want++ {
		msg, err := feed.NextMsgWithContext(c.withinMinute())
		if err != nil {
			t.Fatal(err)
		}
		if got := told(msg); got != fmt.Sprintf("%d %d", want, want-1) {
			t.Fatalf("the feed says %q, want slot %d", got, want)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000000Z", msg.Header.Get("Synod-Time")); err != nil {
			t.Errorf("its time: %v", err)
		}
	}
}

func TestALearnerThatLeavesHandsTheFeedOver(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	conn := c.connect()
	c.leader(conn, "p1")
	first := c.serve(worker.LearnerOptions{Options: c.options("l1")})
	c.serve(worker.LearnerOptions{Options: c.options("l2")})
	c.awaitReads(conn)
	ctx := c.withinMinute()
	log := c.client()
	c.propose(log, "before")
	var proposing sync.WaitGroup
	defer proposing.Wait()
	seen := uint64(0)
	for entry, err := range log.Entries(ctx, 1) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; entry.Slot != seen {
			t.Fatalf("slot %d came, want %d", entry.Slot, seen)
		}
		if seen == 1 {
			if err := first.stop(); err != nil {
				t.Error(err)
			}
		}
		if seen == 20 {
			return
		}
		proposing.Go(func() { c.propose(log, fmt.Sprint(seen)) })
	}
}

func TestAPrivateLearnerNeitherFeedsNorAnswers(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	conn := c.connect()
	c.leader(conn, "p1")
	c.serve(worker.LearnerOptions{Options: c.options("l1"), Private: true})
	feed, err := conn.SubscribeSync("synod.main.chosen")
	if err != nil {
		t.Fatal(err)
	}
	slot := c.propose(c.client(), "red")
	var report worker.LearnerReport
	for report.Learned < slot {
		c.status(conn, "l", "l1", &report)
	}
	_, err = conn.RequestWithContext(c.withinMinute(), "synod.main.read", []byte(`{"from":1}`))
	if !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("a read ended with %v, want %v", err, nats.ErrNoResponders)
	}
	if count, _, _ := feed.Pending(); count != 0 {
		t.Error("it published the feed")
	}
}

func TestTheFeedIsSilentWhileNobodyListensAndWholeForWhoDoes(t *testing.T) {
	c, conn := served(t, worker.LearnerOptions{})
	c.serve(worker.LearnerOptions{Options: c.options("l2")}) // which may publish the feed, too
	log := c.client()
	if sent := c.sentFor(conn, log, 10000); sent > 5000 {
		t.Errorf("while nobody listened, the learner sent %d messages for 10,000 values", sent)
	}
	feed, err := conn.SubscribeSync("synod.main.chosen")
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.FlushWithContext(c.withinMinute()); err != nil {
		t.Fatal(err)
	}
	c.sentFor(conn, log, 10000)
	for last := 0; last < 20000; {
		msg, err := feed.NextMsgWithContext(c.withinMinute())
		if err != nil {
			t.Fatal(err)
		}
		slot, err := strconv.Atoi(msg.Header.Get("Synod-Slot"))
		if owed := max(last, 10000) + 1; err != nil || slot <= last || slot > owed {
			t.Fatalf("slot %d came after %d, %v", slot, last, err)
		}
		last = slot
	}
}

// sentFor has so many values chosen, many at a time, and returns how many messages the learner has sent
// when it has fed them.
func (c *cluster) sentFor(conn *nats.Conn, log *client.Client, count int) uint64 {
	c.t.Helper()
	var before, after worker.LearnerReport
	c.status(conn, "l", "l1", &before)
	var proposing sync.WaitGroup
	const together = 500
	for range together {
		proposing.Go(func() {
			for range count / together {
				c.propose(log, "v")
			}
		})
	}
	proposing.Wait()
	for after.Learned < before.Learned+paxos.Slot(count) {
		c.status(conn, "l", "l1", &after)
	}
	return after.Messages.Sent - before.Messages.Sent
}

func TestASmallBrokerStillFeedsAndAnswers(t *testing.T) {
	c := newCluster(t)
	c.broker = startBroker(t, broker.Options{MaxPayload: 64 << 10})
	for _, id := range founders {
		c.acceptor(id)
	}
	c.proposer("p1")
	conn := c.connect()
	c.leader(conn, "p1")
	c.serve(worker.LearnerOptions{Options: c.options("l1")})
	c.awaitReads(conn)
	log := c.client()
	for range 3 {
		if _, err := log.Propose(c.withinMinute(), client.Proposal{Value: make([]byte, 56<<10)}); err != nil {
			t.Fatal(err)
		}
	}
	c.awaitServed(conn, 3)
	if answer := c.read(conn, `{"from":1}`); len(answer) != 4 || len(answer[2].Data) != 56<<10 {
		t.Errorf("answered with %d messages", len(answer))
	}
}
