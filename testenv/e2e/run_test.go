package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/synod-log/synod/testenv/process"
	"github.com/synod-log/synod/worker"
)

// nodes are the processes of examples/three-nodes: an acceptor and a proposer each, and the third with the
// learner l1.
var nodes = []int{1, 2, 3}

// startNodes starts a broker and the nodes, and waits until one leads.
func startNodes(t *testing.T) *cluster {
	t.Helper()
	c := newCluster(t)
	c.startBroker()
	for _, node := range nodes {
		c.startNode(node)
	}
	c.leadingNode()
	return c
}

// startNode starts or restarts a node.
func (c *cluster) startNode(node int) {
	c.t.Helper()
	name := nodeName(node)
	if running, ok := c.workers[name]; ok {
		running.Restart()
		return
	}
	file := filepath.Join("..", "..", "examples", "three-nodes", name+".yaml")
	c.workers[name] = process.Start(c.t, c.dir, name, c.synod, "run", file,
		"-s", c.url, "--data", c.store(fmt.Sprint("a", node)))
}

func nodeName(node int) string { return fmt.Sprint("node", node) }

// leadingNode waits until a node's proposer leads, and returns which.
func (c *cluster) leadingNode() (leading int) {
	c.t.Helper()
	conn := c.connect()
	defer conn.Close()
	c.await(func() bool {
		for _, node := range nodes {
			if stateOf(conn, fmt.Sprint("p", node)) == "leading" {
				leading = node
				return true
			}
		}
		return false
	}, func() string { return "no node leads" })
	return leading
}

// awaitLevel waits until a node's acceptor votes, and holds all that was chosen when this began.
func (c *cluster) awaitLevel(node int) {
	c.t.Helper()
	conn := c.connect()
	defer conn.Close()
	var leader worker.ProposerReport
	var acceptor worker.AcceptorReport
	c.report(conn, fmt.Sprint("p", c.leadingNode()), &leader)
	c.await(func() bool {
		c.report(conn, fmt.Sprint("a", node), &acceptor)
		return acceptor.Voting && acceptor.Settled >= leader.Chosen
	}, func() string {
		return fmt.Sprintf("node %d's acceptor has settled through slot %d of %d, voting: %v", node,
			acceptor.Settled, leader.Chosen, acceptor.Voting)
	})
}

// TestANodeThatLeadsMayBeKilled kills the process that leads and holds an acceptor, starts it again, and
// kills the next that leads: then the log goes on only if the first has come back as it was.
func TestANodeThatLeadsMayBeKilled(t *testing.T) {
	c := startNodes(t)
	load := StartLoad(t, "v", c.url, wait)
	for range times(2, 6) {
		load.Progress(100, patience)
		leading := c.leadingNode()
		c.workers[nodeName(leading)].Kill()
		load.Progress(100, patience)
		c.startNode(leading)
		c.awaitLevel(leading)
	}
	history := load.Stop()
	requireAllAnswered(t, history)
	c.requireRight(history)

	end, conn := len(c.log()), c.connect()
	var learner worker.LearnerReport
	c.await(func() bool {
		c.report(conn, "l1", &learner)
		return int(learner.Delivered) >= end
	}, func() string { return fmt.Sprintf("l1 has learned %d slots of %d", learner.Delivered, end) })
}

// TestANodeThatIsToldToStopHandsOver stops the node that leads, as a rolling restart does.
func TestANodeThatIsToldToStopHandsOver(t *testing.T) {
	c := startNodes(t)
	load := StartLoad(t, "v", c.url, wait)
	for range times(1, 3) {
		load.Progress(100, patience)
		leading := c.leadingNode()
		if code := c.workers[nodeName(leading)].Stop(); code != 0 {
			t.Errorf("the node that led ended with %d, want 0", code)
		}
		load.Progress(100, patience)
		c.startNode(leading)
		c.awaitLevel(leading)
	}
	history := load.Stop()
	requireAllAnswered(t, history)
	c.requireRight(history)
}

// TestANodeWhoseAcceptorMustNotVoteEnds runs a copy of the leading node's store: its acceptor is told that
// it runs twice, and takes its node with it. The others go on.
func TestANodeWhoseAcceptorMustNotVoteEnds(t *testing.T) {
	c := startNodes(t)
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(50, patience)
	leading := c.leadingNode()
	id, node := fmt.Sprint("a", leading), c.workers[nodeName(leading)]
	clone := filepath.Join(c.dir, "clone")
	node.Pause()
	copyStore(t, c.store(id), clone)
	node.Resume()
	process.Start(t, c.dir, "twin", c.synod, "acceptor", "--id", id, "--members", "a1,a2,a3",
		"--data", clone, "-s", c.url)
	requireRefused(t, node, "this role failed, and with it the process ends",
		"role=acceptor id="+id, "acceptor "+id+" runs twice, or from an old copy of its store")
	load.Progress(100, patience)
	if now := c.leadingNode(); now == leading {
		t.Errorf("node %d leads, and has ended", now)
	}
	history := load.Stop()
	requireAllAnswered(t, history)
	c.requireRight(history)
}
