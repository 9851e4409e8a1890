package e2e

import (
	"fmt"
	"testing"
)

func TestAnAcceptorWithoutSpaceEndsAndIsBackOnceThereIsSome(t *testing.T) {
	c := startSmallCluster(t, func(c *cluster) { mountTmpfs(t, c.store("a1"), "80k") })
	load := StartLoad(t, "v", c.url, wait)
	requireRefused(t, c.workers["a1"], "acceptor a1 of log main", c.store("a1"), "no space left on device",
		"start again")
	load.Progress(100, patience)
	c.filled = load.Stop()
	c.requireGoesOn("missing a1", "start a1 again")
	requireRefused(t, c.startSmall("a1"), "no space left on device")

	system(t, "mount", "-o", "remount,size=64m", c.store("a1"))
	c.startSmall("a1")
	c.requireCaughtUp("a1", "a2")
}

func TestAnAcceptorWhoseDiskIsFullFromTheBeginningFoundsOnceThereIsSpace(t *testing.T) {
	requireLong(t)
	c := newCluster(t)
	mountTmpfs(t, c.store("a1"), "8k")
	c.startBroker()
	requireRefused(t, c.startSmall("a1"), "cannot be used: write 00000001.next: no space left on device",
		"start again")
	system(t, "mount", "-o", "remount,size=64m", c.store("a1"))
	for _, id := range []string{"a1", "a2", "a3", "p1", "p2", "l1"} {
		c.startSmallOr(id)
	}
	c.requireWorking()
}

func TestAnAcceptorWhoseDiskBecomesReadOnlyEndsAndIsBackOnceItIsRepaired(t *testing.T) {
	requireLong(t)
	var disk *image
	c := startSmallCluster(t, func(c *cluster) { disk = newImage(t, c.store("a1")) })
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(50, patience)
	disk.makeReadOnly()
	requireRefused(t, c.workers["a1"], "acceptor a1 of log main", c.store("a1"), "read-only file system",
		"start again")
	requireRefused(t, c.startSmall("a1"), "cannot be used", "read-only file system", "start again")
	load.Progress(100, patience)
	c.filled = load.Stop()
	c.requireGoesOn("missing a1", "start a1 again")

	disk.unmount()
	disk.repair()
	disk.mount()
	c.startSmall("a1")
	c.requireCaughtUp("a1", "a2")
}

func TestAFaultOfOneDiskOfThreeStopsNobody(t *testing.T) {
	requireLong(t)
	requireStrace(t)
	c := startSmallCluster(t, func(*cluster) {})
	load := StartLoad(t, "v", c.url, wait)
	for n := 1; n <= 16; n++ {
		for _, what := range []string{"error=EIO", "error=ENOSPC", "signal=KILL"} {
			fault := injection{call: "fdatasync", what: what, when: n, trace: fmt.Sprintf("%s/%s-%d", c.dir, what, n)}
			code := c.startSmall("a1", fault.before()...).AwaitExit(patience)
			if !fault.hasHappened(t) || code == 0 {
				t.Errorf("%+v did not happen; it ended with %d", fault, code)
			}
			load.Progress(10, patience)
		}
	}
	c.startSmall("a1")
	c.filled = load.Stop()
	requireAllAnswered(t, c.filled)
	c.requireCaughtUp("a1", "a2")
}

func TestASlowDiskOfOneAcceptorOfThreeIsNotWaitedFor(t *testing.T) {
	requireLong(t)
	requireStrace(t)
	c := startSmallCluster(t, func(*cluster) {})
	c.startSmall("a1", throughout(c.dir, "fdatasync", "delay_enter=2000000")...)
	c.workers["a1"].AwaitTalk("connected to NATS", patience)
	c.fill("slow")
	if longest := c.filled.LongestWait(); longest >= wait {
		t.Errorf("a request waited for %v", longest)
	}
	c.startSmall("a1")
	c.requireCaughtUp("a1", "a2")
}
