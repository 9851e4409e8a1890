package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// move moves a store away, so that its acceptor begins with an empty one.
func (c *cluster) move(id string) (away string) {
	c.t.Helper()
	away = filepath.Join(c.dir, "away-"+id)
	if err := os.Rename(c.store(id), away); err != nil {
		c.t.Fatal(err)
	}
	return away
}

// bringBack puts a store in its place, instead of what is there.
func (c *cluster) bringBack(id, from string) {
	c.t.Helper()
	if err := os.RemoveAll(c.store(id)); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(from, c.store(id)); err != nil {
		c.t.Fatal(err)
	}
}

// TestAMajorityThatLostItsStoresDoesNotVote empties two stores of three: the third alone knows what was
// acknowledged, and the log stands still until a store is back.
func TestAMajorityThatLostItsStoresDoesNotVote(t *testing.T) {
	requireLong(t)
	c := startSmallCluster(t, func(*cluster) {})
	c.fill("fill")
	away := map[string]string{}
	for _, id := range []string{"a1", "a2"} {
		c.workers[id].Kill()
		away[id] = c.move(id)
	}
	for _, id := range []string{"a1", "a2"} {
		requireRefused(t, c.startSmall(id), "acceptor "+id+" lost its store (log main knows it as",
			"cannot vote: bring back its data directory", "do not empty another")
	}
	c.requireStatus("stalled, 1 of 3 acceptors", "a1 (last heard", "a2 (last heard", "start a1 and a2 again, "+
		"each with the data directory that it had")
	c.bringBack("a1", away["a1"])
	c.startSmall("a1")
	c.requireWorking()
	c.bringBack("a2", away["a2"])
	c.startSmall("a2")
	c.requireCaughtUp("a2", "a1")
}

// TestACloneThatRunsBesideItsOriginalIsFoundAndSoIsTheOriginal starts a copy of a store, taken some votes ago,
// while the original runs: of the two, one is told that it runs twice, the other that it has forgotten.
func TestACloneThatRunsBesideItsOriginalIsFoundAndSoIsTheOriginal(t *testing.T) {
	c := startSmallCluster(t, func(*cluster) {})
	c.fill("fill")
	clone := filepath.Join(c.dir, "clone")
	c.workers["a1"].Pause()
	copyStore(t, c.store("a1"), clone)
	c.workers["a1"].Resume()
	c.fill("again")
	twin := c.startAs("twin", "a1", clone, founders)
	requireRefused(t, c.workers["a1"], "acceptor a1 runs twice, or from an old copy of its store (log main heard boot",
		"stop the copy, and start only the newest data directory again")
	requireRefused(t, twin, "acceptor a1", "old copy", "log main heard", "the newest data directory")
	c.requireGoesOn("2 of 3 acceptors", "missing a1", "start a1 again with the data directory that it had")
	c.requireWorking()
}

// TestAnOldCopyIsFoundWhereOnlyAcceptorsHeardLaterVotes rolls a store back while no proposer runs.
func TestAnOldCopyIsFoundWhereOnlyAcceptorsHeardLaterVotes(t *testing.T) {
	requireLong(t)
	c := startSmallCluster(t, func(*cluster) {})
	c.fill("fill")
	c.workers["a1"].Kill()
	old := filepath.Join(c.dir, "old")
	copyStore(t, c.store("a1"), old)
	c.startSmall("a1")
	c.fill("again")
	c.workers["a1"].AwaitTalk("connected to NATS", patience)
	time.Sleep(2500 * time.Millisecond) // it has said hello since, and what it has reached
	for _, id := range []string{"p1", "p2", "a1"} {
		c.workers[id].Kill()
	}
	c.bringBack("a1", old)
	requireRefused(t, c.startSmall("a1"), "acceptor a1", "old copy", "log main heard")
	c.start("p1")
	c.start("p2")
	c.requireGoesOn("missing a1")
	c.requireWorking()
}

// TestASecondStoreOfOneIDDoesNotVote starts an acceptor with the id of one that runs, and an empty store.
func TestASecondStoreOfOneIDDoesNotVote(t *testing.T) {
	requireLong(t)
	c := startSmallCluster(t, func(*cluster) {})
	c.fill("fill")
	second := c.startAs("second", "a1", filepath.Join(c.dir, "second-store"), founders)
	requireRefused(t, second, "acceptor a1 lost its store (log main knows it as", "cannot vote: bring back")
	c.workers["a1"].AwaitTalk("another process runs as acceptor a1 with store", patience)
	c.workers["a1"].AwaitTalk("stop one of them", patience)
	c.requireGoesOn("3 of 3 acceptors")
	c.workers["a2"].Kill() // so that a1's votes are needed
	c.requireWorking()
}

func TestAnAcceptorStartedWithOtherMembersThanItsStoreHasIsRefused(t *testing.T) {
	requireLong(t)
	c := startSmallCluster(t, func(*cluster) {})
	c.fill("fill")
	c.workers["a1"].Kill()
	requireRefused(t, c.startAs("a1", "a1", c.store("a1"), []string{"a1", "a2", "a9"}),
		"acceptor a1 was started with members a1, a2, a9, but its store belongs to log main with members a1, a2, a3",
		"start it with those")
	c.startSmall("a1")
	c.requireCaughtUp("a1", "a2")
}

// TestTwinProposersAreNamedAndDisturbNobody runs two proposers with one id.
func TestTwinProposersAreNamedAndDisturbNobody(t *testing.T) {
	requireLong(t)
	c := startSmallCluster(t, func(*cluster) {})
	c.workers["p1-twin"] = c.workers["p2"]
	c.workers["p2"].Restart("proposer", "--id", "p1", "-s", c.url)
	c.requireGoesOn("proposer p1 runs twice", "two processes run as proposer p1: give each an id of its own")
	for n := range 3 { // whichever leads
		c.workers["p1"].Kill()
		c.fill(fmt.Sprint("twin", n))
		c.start("p1")
		c.workers["p1-twin"].Restart()
		c.fill(fmt.Sprint("other", n))
	}
	c.requireWorking()
}
