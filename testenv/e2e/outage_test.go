package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/testenv/process"
)

func TestWhenAllAcceptorsAreKilledNothingAcknowledgedIsLost(t *testing.T) {
	c := startCluster(t)
	load := StartLoad(t, "v", c.url, wait)
	for range times(1, 5) {
		load.Progress(200, patience)
		for _, id := range founders {
			c.workers[id].Kill()
		}
		for _, id := range founders {
			c.start(id)
		}
	}
	load.Progress(200, patience)
	c.requireRight(load.Stop())
}

func TestOneAcceptorOfThreeMayBeDownButNotTwo(t *testing.T) {
	c := startCluster(t)
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(100, patience)
	c.workers["a1"].Kill()
	load.Progress(200, patience)
	history := load.Stop()
	requireAllAnswered(t, history)

	c.workers["a2"].Kill()
	conn := c.connect()
	sent := time.Now()
	reply, err := conn.Request("synod.main.propose", []byte("too few"), 15*time.Second)
	if err != nil {
		t.Fatalf("with two acceptors down nobody answered: %v", err)
	}
	answer, err := readAnswer(reply.Data)
	if answer.Error == nil || (answer.Error.Code != 503 && answer.Error.Code != 504) {
		t.Fatalf("with two acceptors down the answer is %s (%v), want 503 or 504", reply.Data, err)
	}
	t.Logf("told so after %v: %v", time.Since(sent).Round(time.Millisecond), err)
	if got := reply.Header.Get("Nats-Service-Error-Code"); got != "503" && got != "504" {
		t.Errorf("the answer's error header is %q", got)
	}
	told := Request{Value: "too few", Answered: time.Hour, Err: err.Error()}

	c.start("a1")
	again := StartLoad(t, "w", c.url, wait)
	again.Progress(200, patience)
	history = append(history, since(history, again.Stop())...)
	c.start("a2")
	c.requireRight(append(history, told))
}

func TestWhenTheBrokerIsKilledNothingAcknowledgedIsLost(t *testing.T) {
	c := startCluster(t)
	load := StartLoad(t, "v", c.url, 2*time.Second)
	for range times(2, 10) {
		load.Progress(200, patience)
		c.broker.Kill()
		time.Sleep(300 * time.Millisecond)
		c.startBroker()
	}
	load.Progress(200, patience)
	c.requireRight(load.Stop())
}

func TestRequestsThatNobodyHearsSayThatTheyAreNotHeard(t *testing.T) {
	c := newCluster(t)
	c.startBroker()
	_, err := c.connect().Request("synod.main.propose", []byte("x"), patience)
	if err != nats.ErrNoResponders {
		t.Errorf("without a proposer the error is %v, want %v", err, nats.ErrNoResponders)
	}
	got := c.run("propose", "--timeout", "500ms", "x")
	if got.Code != 3 || got.Out != "" {
		t.Errorf("synod propose ended with %d, printed %q and said %q", got.Code, got.Out, got.Talk)
	}
}

func TestALogWhoseEndIsNotKnownSaysSo(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	if got := c.run("log"); got.Code != 0 || len(parseLines(t, got.Out)) != len(c.log()) {
		t.Errorf("with one acceptor of three down it ended with %d: %s", got.Code, got.Talk)
	}
	c.workers["a2"].Kill()
	got := c.run("log", "--timeout", "1s")
	if got.Code != 3 || !strings.Contains(got.Talk, "(heard a3)") {
		t.Errorf("with two of three down it ended with %d and said %q", got.Code, got.Talk)
	}
}

func TestACommandThatIsInterruptedDoesNotPassForDone(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	c.workers["a2"].Kill()
	for _, args := range [][]string{{"log"}, {"propose", "x"}} {
		args = append(args, "-s", c.url, "--timeout", "1m")
		p := process.Start(t, c.dir, args[0], c.synod, args...)
		time.Sleep(500 * time.Millisecond) // it has begun to wait
		if code := p.Stop(); code != 3 || !strings.Contains(p.Talk(), "interrupted") {
			t.Errorf("%s ended with %d and said %q", args[0], code, p.Talk())
		}
	}
}
