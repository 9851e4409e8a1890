package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/synod-log/synod/testenv/process"
)

// startSmallCluster starts a broker, three acceptors with small segments, two proposers and a learner, and
// waits until one proposer leads. What prepare does is done before any acceptor runs: it may mount disks.
func startSmallCluster(t *testing.T, prepare func(*cluster)) *cluster {
	t.Helper()
	c := newCluster(t)
	prepare(c)
	c.startBroker()
	for _, id := range founders {
		c.startSmall(id)
	}
	for _, id := range []string{"p1", "p2", "l1"} {
		c.start(id)
	}
	c.awaitLeader()
	return c
}

// startSmall starts or restarts an acceptor with small segments. What stands before its command line is the
// program that runs it.
func (c *cluster) startSmall(id string, before ...string) *process.Process {
	c.t.Helper()
	return c.startAs(id, id, c.store(id), founders, before...)
}

// startAs starts or restarts, under a name, an acceptor with this id, store and members.
func (c *cluster) startAs(name, id, store string, members []string, before ...string) *process.Process {
	c.t.Helper()
	command := append(before, process.Build(c.t, "testenv/cmd/acceptor"), "-server", c.url, "-id", id,
		"-members", strings.Join(members, ","), "-data", store, "-segment", fmt.Sprint(segmentBytes))
	if acceptor, ok := c.workers[name]; ok {
		acceptor.Restart(command...)
	} else {
		c.workers[name] = process.Start(c.t, c.dir, name, "env", command...) // which becomes what it runs
	}
	return c.workers[name]
}

// startSmallOr starts any worker, acceptors with small segments.
func (c *cluster) startSmallOr(id string) {
	c.t.Helper()
	if id[0] == 'a' {
		c.startSmall(id)
	} else {
		c.start(id)
	}
}

// requireLong skips a test where there is no time for it.
func requireLong(t *testing.T) {
	t.Helper()
	if !isLong() {
		t.Skip("skipped: takes longer; set SYNOD_LONG=1")
	}
}

// requireCaughtUp waits until an acceptor has all of the log, and then has the log go on without another, so
// that its votes are needed.
func (c *cluster) requireCaughtUp(id, without string) {
	c.t.Helper()
	c.awaitSettled(c.connect(), id)
	c.workers[without].Kill()
	c.fill("without-" + without)
	c.requireRight(c.filled)
	c.startSmall(without)
}

// requireGoesOn checks that the log is used while something is wrong, which status must tell.
func (c *cluster) requireGoesOn(texts ...string) {
	c.t.Helper()
	c.fill(fmt.Sprintf("meanwhile%d", len(c.filled)))
	c.requireStatus(texts...)
}

// requireStatus checks that `synod status` comes to say all the texts. Workers notice only after a while who
// is gone.
func (c *cluster) requireStatus(texts ...string) {
	c.t.Helper()
	var out string
	c.await(func() bool {
		out = c.run("status").Out
		for _, text := range texts {
			if !strings.Contains(out, text) {
				return false
			}
		}
		return true
	}, func() string { return fmt.Sprintf("status says\n%s\nwant %q", out, texts) })
}

// await waits until something is so, or else fails with what otherwise tells.
func (c *cluster) await(isSo func() bool, otherwise func() string) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); !isSo(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("after %v: %s", patience, otherwise())
		}
	}
}
