package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/synod-log/synod/testenv/process"
)

// founding starts a broker, two proposers and a learner, and no acceptor.
func founding(t *testing.T) *cluster {
	t.Helper()
	c := newCluster(t)
	c.startBroker()
	for _, id := range []string{"p1", "p2", "l1"} {
		c.start(id)
	}
	return c
}

// requireFounded checks that all acceptors agree on one membership, and that the log takes values.
func (c *cluster) requireFounded() {
	c.t.Helper()
	told := map[string]bool{}
	for _, id := range founders {
		c.workers[id].AwaitTalk("connected to NATS", patience)
	}
	c.requireWorking()
	c.requireStatus("3 of 3 acceptors")
	for _, id := range founders {
		inspected := process.Run(c.t, patience, "", c.synod, "store", "inspect", c.store(id), "-o", "json")
		_, tag, _ := strings.Cut(inspected.Out, `"tag": "`)
		tag, _, _ = strings.Cut(tag, `"`)
		told[tag] = true
	}
	if len(told) != 1 || told[""] {
		c.t.Errorf("the stores have the memberships %v, want one", told)
	}
}

func TestFoundersMayStartInAnyOrderAndLate(t *testing.T) {
	orders := [][]string{{"a1", "a2", "a3"}, {"a3", "a2", "a1"}, {"a2", "a1", "a3"}, {"a1", "a3", "a2"},
		{"a2", "a3", "a1"}, {"a3", "a1", "a2"}}
	for _, order := range orders[:times(1, len(orders))] {
		t.Run(strings.Join(order, ","), func(t *testing.T) {
			c := founding(t)
			c.startSmall(order[0])
			c.workers[order[0]].AwaitTalk("to found log main (heard "+order[0]+")", patience)
			c.startSmall(order[1])
			c.requireStatus("not founded; waiting for "+order[2], "start "+order[2]+" with --members a1,a2,a3")
			c.workers[order[0]].AwaitTalk("waiting for "+order[2]+" to found log main (heard ", patience)
			c.startSmall(order[2])
			c.requireFounded()
		})
	}
}

// TestAFounderKilledAtAnySyncFoundsOnceItIsBack kills one of three founders that start at once at each of the
// syncs that make its store, adopt the membership and free it to vote.
func TestAFounderKilledAtAnySyncFoundsOnceItIsBack(t *testing.T) {
	requireLong(t)
	requireStrace(t)
	killed := 0
	for n := 1; n <= 6; n++ {
		for _, id := range founders {
			t.Run(fmt.Sprintf("%s at %d", id, n), func(t *testing.T) {
				if foundWithOneKilled(t, id, n) {
					killed++
				}
			})
		}
	}
	t.Logf("killed %d founders", killed)
	if killed == 0 {
		t.Error("no founder was killed")
	}
}

// foundWithOneKilled kills a founder at its n-th sync, starts it again and checks that the log is founded. It
// returns whether there was such a sync.
func foundWithOneKilled(t *testing.T, id string, n int) bool {
	c := founding(t)
	fault := injection{call: "fdatasync", what: "signal=KILL", when: n, trace: c.dir + "/trace"}
	for _, other := range founders {
		if other != id {
			c.startSmall(other)
		}
	}
	acceptor := c.startSmall(id, fault.before()...)
	// Zeros, header, boot, adopted, free to vote: so many syncs there are, unless two go together.
	c.await(func() bool { return !acceptor.IsRunning() || strings.Contains(acceptor.Talk(), "is founded") },
		acceptor.Talk)
	wasKilled := !acceptor.IsRunning()
	c.startSmall(id)
	c.requireFounded()
	return wasKilled
}

func TestFoundersWithOtherListsNameEachOtherAndFoundNothing(t *testing.T) {
	c := founding(t)
	others := []string{"a1", "a2", "a4"}
	c.startSmall("a1")
	c.startAs("a2", "a2", c.store("a2"), others)
	c.workers["a1"].AwaitTalk("acceptor a2 names other members of log main (a1, a2, a4) than this one (a1, a2, a3): "+
		"start all acceptors with the same members", patience)
	c.workers["a2"].AwaitTalk("acceptor a1 names other members of log main (a1, a2, a3) than this one (a1, a2, a4): "+
		"start all acceptors with the same members", patience)
	c.startSmall("a3")
	c.startAs("a4", "a4", c.store("a4"), others)
	c.requireStatus("not founded; a1 names members a1, a2, a3, and a2 names a1, a2, a4",
		"start them again with the same --members")
	c.workers["a4"].Stop()
	c.startSmall("a2")
	c.requireFounded()
}

// TestAStoreLostWhileFoundingIsToldWhetherAllMayBeginAgain kills a founder before it adopts, and empties its
// store, while the others have adopted and cannot vote.
func TestAStoreLostWhileFoundingIsToldWhetherAllMayBeginAgain(t *testing.T) {
	requireStrace(t)
	requireLong(t)
	c := founding(t)
	fault := injection{call: "fdatasync", what: "signal=KILL", when: adopting, trace: c.dir + "/trace"}
	c.startSmall("a3", fault.before()...)
	c.startSmall("a1")
	c.startSmall("a2")
	c.workers["a3"].AwaitExit(patience)
	for _, id := range []string{"a1", "a2"} {
		c.workers[id].AwaitTalk("waiting for a3 to finish founding log main", patience)
	}
	c.empty("a3")
	c.workers["a2"].Kill()
	const may, mayNot = "so stop all of them, empty their data directories and start them again", "do not empty another"
	requireRefused(t, c.startSmall("a3"), "acceptor a3 lost its store (log main knows it as", "cannot vote", mayNot)
	c.startSmall("a2")
	c.workers["a2"].AwaitTalk("to finish founding log main", patience)
	requireRefused(t, c.startSmall("a3"), "acceptor a3 lost its store (log main knows it as", "cannot vote", may)
	for _, id := range founders {
		c.workers[id].Kill()
		c.empty(id)
	}
	for _, id := range founders {
		c.startSmall(id)
	}
	c.requireFounded()
}

// adopting is the number of the sync with which a founder adopts: its store's zeros, its header and its boot
// come before.
const adopting = 4

func (c *cluster) empty(id string) {
	c.t.Helper()
	if err := os.RemoveAll(c.store(id)); err != nil {
		c.t.Fatal(fmt.Errorf("emptying the store of %s: %w", id, err))
	}
}
