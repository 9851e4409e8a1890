package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// reserve is how far below the broker's max_payload a value must stay, in bytes.
const reserve = 8 << 10

// large is a value of so many bytes that tells what it is by its beginning.
func large(name string, size int) string {
	return name + strings.Repeat("x", size-len(name))
}

// propose proposes a value in a plain request.
func (c *cluster) propose(conn *nats.Conn, value string, header nats.Header) Answer {
	c.t.Helper()
	reply, err := conn.RequestMsg(&nats.Msg{
		Subject: "synod.main.propose", Data: []byte(value), Header: header}, patience)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, _ := readAnswer(reply.Data)
	return answer
}

// mustPropose proposes a value that has to be acknowledged, and notes it in filled.
func (c *cluster) mustPropose(conn *nats.Conn, value string) {
	c.t.Helper()
	sent := c.now()
	answer := c.propose(conn, value, nil)
	if answer.Slot == 0 {
		c.t.Fatalf("%.20s… of %d bytes is answered %+v", value, len(value), answer)
	}
	c.filled = append(c.filled, Request{Value: brief(value), Sent: sent, Answered: c.now(), Slot: answer.Slot})
}

// now orders requests that are made one after another.
func (c *cluster) now() time.Duration {
	var last time.Duration
	for _, r := range c.filled {
		last = max(last, r.Answered)
	}
	return last + 1
}

// requireTooLarge checks that a value is refused, on the wire and by `synod propose`, in words that say
// what would be taken.
func (c *cluster) requireTooLarge(conn *nats.Conn, value string, most int) {
	c.t.Helper()
	answer := c.propose(conn, value, nil)
	if answer.Error == nil || answer.Error.Code != 413 {
		c.t.Fatalf("a value of %d bytes is answered %+v, want 413", len(value), answer)
	}
	for _, text := range []string{fmt.Sprint(len(value)), fmt.Sprint(most), "max_payload"} {
		if !strings.Contains(answer.Error.Description, text) {
			c.t.Errorf("the refusal is %q, want %q in it", answer.Error.Description, text)
		}
	}
	file := filepath.Join(c.dir, "value")
	if err := os.WriteFile(file, []byte(value), 0o600); err != nil {
		c.t.Fatal(err)
	}
	result := c.run("propose", "--file", file)
	if result.Code == 0 || result.Code == 3 || result.Out != "" {
		c.t.Errorf("synod propose ended with %d and printed %q, and the value is never chosen",
			result.Code, result.Out)
	}
	for _, text := range []string{"too large", fmt.Sprint(most), "max_payload"} {
		if !strings.Contains(result.Talk, text) {
			c.t.Errorf("synod propose said %q, want %q in it", result.Talk, text)
		}
	}
}

// takeOver kills the leader, and returns when another leads and it is a standby.
func (c *cluster) takeOver() {
	c.t.Helper()
	leader := c.awaitLeader()
	c.workers[leader].Kill()
	c.awaitLeader()
	c.start(leader)
	c.awaitStandby(leader)
}

// travel has values of the largest size, and many others, go every way that there is: proposed, recovered
// by a new leader, repaired by an acceptor that was down, pulled by a learner that comes late, printed.
func (c *cluster) travel(conn *nats.Conn, most int) {
	c.t.Helper()
	for i := range 3 {
		c.mustPropose(conn, large(fmt.Sprint("whole ", i), most))
	}
	c.workers["a3"].Kill()
	c.fillAtOnce(conn, most)
	c.takeOver()
	c.mustPropose(conn, large("down", most))

	c.start("a3")
	c.start("l2") // late
	c.awaitSettled(conn, "a3")
	c.workers["a1"].Kill() // so that a3 is needed
	c.mustPropose(conn, large("repaired", most))
	c.takeOver() // pages of a3's promise
	c.mustPropose(conn, large("last", most))
	c.requireLargeRight(c.filled)
}

// fillAtOnce proposes many values at once, some of them as large as can be, so that there are long runs,
// and kills the leader meanwhile: they are in the tail that the next one recovers.
func (c *cluster) fillAtOnce(conn *nats.Conn, most int) {
	c.t.Helper()
	inbox := nats.NewInbox()
	sub, err := conn.SubscribeSync(inbox + ".*")
	if err != nil {
		c.t.Fatal(err)
	}
	defer sub.Unsubscribe()
	leader := c.awaitLeader()
	sent := c.now()
	waiting := make(map[string]Request) // by reply subject
	for i := range 200 {
		size := 100 + min(most, 64<<10)/100*(i%10)
		if i%50 == 0 {
			size = most
		}
		value, reply := large(fmt.Sprint("many ", i, " "), size), fmt.Sprint(inbox, ".", i)
		waiting[reply] = Request{Value: brief(value), Sent: sent, Answered: sent + 1}
		if err := conn.PublishRequest("synod.main.propose", reply, []byte(value)); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := conn.Flush(); err != nil {
		c.t.Fatal(err)
	}
	c.workers[leader].Kill()
	for len(waiting) > 0 {
		msg, err := sub.NextMsg(patience)
		if err != nil {
			c.t.Fatalf("%d of the values that were proposed at once are not answered: %v", len(waiting), err)
		}
		request, isFirst := waiting[msg.Subject]
		if !isFirst {
			continue // both leaders answered
		}
		answer, err := readAnswer(msg.Data)
		if err != nil {
			c.t.Errorf("%s: %v", request.Value, err)
		}
		request.Slot = answer.Slot
		c.filled = append(c.filled, request)
		delete(waiting, msg.Subject)
	}
	c.start(leader)
	c.awaitStandby(leader)
}

func TestTheLargestValueGoesEveryWayAndOneByteMoreIsRefused(t *testing.T) {
	c := startCluster(t)
	c.workers["l2"].Kill()
	conn := c.connect()
	most := int(conn.MaxPayload()) - reserve
	c.requireTooLarge(conn, large("one more", most+1), most)
	header := nats.Header{"X-Trace": {"12345"}}
	weight := len("X-Trace") + len("12345") + 8
	answer := c.propose(conn, large("header", most-weight+1), header)
	if answer.Error == nil || answer.Error.Code != 413 {
		t.Errorf("a value that is too large by its headers is answered %+v, want 413", answer)
	}
	value := large("header", most-weight)
	if answer = c.propose(conn, value, header); answer.Slot == 0 {
		t.Fatalf("a value as large as can be with its headers is answered %+v", answer)
	}
	c.filled = History{{Value: brief(value), Sent: 1, Answered: 2, Slot: answer.Slot}}
	c.travel(conn, most)
}

func TestALogWorksOverABrokerThatTakesSmallMessagesOnly(t *testing.T) {
	c := newCluster(t)
	c.startBrokerWith("max_payload: 65536")
	for _, id := range append([]string{"p1", "p2", "l1"}, founders...) {
		c.start(id)
	}
	c.awaitLeader()
	conn := c.connect()
	most := int(conn.MaxPayload()) - reserve
	if most != 56<<10 {
		t.Fatalf("the largest value is %d bytes", most)
	}
	c.requireTooLarge(conn, large("one more", most+1), most)
	c.travel(conn, most)
	for id, worker := range c.workers {
		if talk := worker.Talk(); strings.Contains(talk, "larger than the broker") {
			t.Errorf("%s could not send all it should:\n%s", id, talk)
		}
	}
}

func TestABrokerThatTakesLessThanBeforeIsCalledSoUntilItTakesEnoughAgain(t *testing.T) {
	if !isLong() {
		t.Skip("skipped: takes a while; SYNOD_LONG=1 runs it")
	}
	c := startCluster(t)
	conn := c.connect()
	c.workers["a3"].Kill()
	c.mustPropose(conn, large("large", int(conn.MaxPayload())-reserve))

	c.restartBrokerWith("max_payload: 65536")
	c.start("a3") // lacks what no broker message can carry now
	c.awaitTalkOfAny([]string{"a1", "a2"}, "larger than the broker takes",
		"max_payload to what it was, or higher")
	c.awaitLeader()
	c.mustPropose(c.connect(), "small values go on")

	c.restartBrokerWith("max_payload: 1048576")
	c.awaitLeader()
	c.awaitSettled(c.connect(), "a3")
	c.mustPropose(c.connect(), "and so do all")
	c.requireLargeRight(c.filled)
}
