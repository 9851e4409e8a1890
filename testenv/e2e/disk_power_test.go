package e2e

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/synod-log/synod/testenv/broker"
)

// TestAPowerCutLosesNothingAcknowledged takes the power from a disk, again and again, while its acceptor, the
// only one of its log, is under load: by having the file system forget what it has not written, and by going on
// with a copy that was taken below it.
func TestAPowerCutLosesNothingAcknowledged(t *testing.T) {
	for name, cut := range map[string]func(*lone, *image){
		"the file system is shut down":                  cutByShutdown,
		"the disk is copied below it, while it is used": cutByCopy,
	} {
		t.Run(name, func(t *testing.T) {
			started, err := broker.Start(broker.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(started.Shutdown)
			l := newLone(t, started.URL(), "main")
			disk := newImage(t, l.data)
			l.start()
			load := StartLoad(t, "v", started.URL(), wait)
			cuts := times(3, 60)
			for range cuts {
				load.Progress(20+rand.IntN(200), patience)
				cut(l, disk)
				disk.mount()
				l.start()
			}
			load.Progress(20, patience)
			l.history = load.Stop()
			l.start()
			l.requireKept()
			t.Logf("%d cuts, %d values acknowledged, store %s", cuts, l.history.Acknowledged(), l.verdict())
		})
	}
}

func cutByShutdown(l *lone, disk *image) {
	l.t.Helper()
	disk.cutPower()
	requireRefused(l.t.(*testing.T), l.acceptor, "acceptor a1 of log main", "input/output error", "start again")
	disk.unmount()
}

// cutByCopy stops the acceptor's threads, so that nothing is acknowledged after the copy began; a sync that
// waits for the disk goes on meanwhile.
func cutByCopy(l *lone, disk *image) {
	l.t.Helper()
	l.acceptor.Pause()
	copied := filepath.Join(l.files, "copied")
	disk.copyTo(copied)
	l.acceptor.Kill()
	disk.unmount()
	if err := os.Rename(copied, disk.file); err != nil {
		l.t.Fatal(err)
	}
}

// TestADiskThatLiesAboutSyncsIsFoundAfterAPowerCut has every sync of an acceptor's succeed and do nothing.
// After a power cut its store has forgotten votes: so the cut does lose what was not synced.
func TestADiskThatLiesAboutSyncsIsFoundAfterAPowerCut(t *testing.T) {
	requireLong(t)
	requireStrace(t)
	var disk *image
	c := startSmallCluster(t, func(c *cluster) { disk = newImage(t, c.store("a1")) })
	c.fill("fill")
	c.startSmall("a1", throughout(c.dir, "fdatasync,fsync", "retval=0")...)
	c.workers["a1"].AwaitTalk("connected to NATS", patience)
	c.awaitSettled(c.connect(), "a1")
	c.workers["a3"].Kill() // so that a1's votes are needed
	c.fill("lied")
	c.startSmall("a3")
	disk.cutPower()
	c.fill("cut")
	requireRefused(t, c.workers["a1"], "input/output error")
	disk.unmount()
	disk.mount()
	requireRefused(t, c.startSmall("a1"), "acceptor a1", "old copy", "log main heard")
	c.requireGoesOn("missing a1")
	c.requireWorking()
}
