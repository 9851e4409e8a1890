package e2e

import (
	"testing"
	"time"
)

// wait is how long a client of a load waits for an answer.
const wait = 10 * time.Second

func TestPartsStartInAnyOrderAndFollowTheBroker(t *testing.T) {
	c := newCluster(t)
	all := []string{"l1", "p2", "a3", "a1", "l2", "p1", "a2"}
	for _, id := range all {
		c.start(id)
	}
	for _, id := range all {
		c.workers[id].AwaitTalk("NATS does not answer yet", patience)
	}
	c.startBroker() // last
	c.awaitLeader()
	before := StartLoad(t, "before", c.url, wait)
	before.Progress(100, patience)
	history := before.Stop()

	c.broker.Kill()
	c.choosePort()
	c.startBroker()
	for _, id := range all {
		c.start(id) // only the address differs
	}
	c.awaitLeader()
	after := StartLoad(t, "after", c.url, wait)
	after.Progress(100, patience)
	history = append(history, since(history, after.Stop())...)
	c.requireRight(history)
}

// since moves a load's history behind that of one before it: each counts from its own beginning.
func since(before, after History) History {
	var end time.Duration
	for _, r := range before {
		end = max(end, r.Answered)
	}
	for i := range after {
		after[i].Sent += end + 1
		after[i].Answered += end + 1
	}
	return after
}

func TestWhenTheLeaderIsKilledEveryRequestIsAnswered(t *testing.T) {
	c := startCluster(t)
	load := StartLoad(t, "v", c.url, wait)
	for range times(3, 10) {
		load.Progress(100, patience)
		leader := c.awaitLeader()
		c.workers[leader].Kill()
		c.start(leader)
		c.awaitStandby(leader)
	}
	load.Progress(100, patience)
	history := load.Stop()
	requireAllAnswered(t, history)
	c.requireRight(history)
}

func TestALeaderPausedForThreeSecondsIsReplacedAndStandsBy(t *testing.T) {
	c := startCluster(t)
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(100, patience)
	leader := c.awaitLeader()
	c.workers[leader].Pause()
	time.Sleep(3 * time.Second)
	c.workers[leader].Resume()
	c.awaitStandby(leader)
	load.Progress(100, patience)
	history := load.Stop()
	requireAllAnswered(t, history)
	c.requireRight(history)
}

func TestALeaderThatIsStoppedHandsOver(t *testing.T) {
	c := startCluster(t)
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(100, patience)
	if code := c.workers[c.awaitLeader()].Stop(); code != 0 {
		t.Errorf("the leader ended with %d, want 0", code)
	}
	load.Progress(100, patience)
	history := load.Stop()
	requireAllAnswered(t, history)
	c.requireRight(history)
}

func requireAllAnswered(t *testing.T, history History) {
	t.Helper()
	failed := history.Failed()
	for i, r := range failed[:min(len(failed), 10)] {
		t.Errorf("not answered with a slot (%d of %d): %v", i+1, len(failed), r)
	}
}
