package worker

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// face is how a learner shows the log to the world: on the feed, where it is the one that publishes, and in
// answers to reads. Both are served from the end of the log that is kept in memory, by goroutines apart
// from the learner's loop, which never waits for them.
type face struct {
	log      string
	id       string
	subjects *codec.Subjects
	memory   *memory
	feeder   *feeder
	pages    *pulledPages

	reads   *readService
	cancel  context.CancelFunc
	working sync.WaitGroup
}

const defaultMemoryBytes = 16 << 20

func newFace(o LearnerOptions, subjects *codec.Subjects) *face {
	kept := newMemory(cmp.Or(o.MemoryBytes, defaultMemoryBytes))
	return &face{
		log: o.Log, id: o.ID, subjects: subjects, memory: kept,
		feeder: newFeeder(kept), pages: newPulledPages(),
	}
}

// start begins to publish, listen and answer, until stop.
func (f *face) start(learner *client.Learner) error {
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	conn := learner.Link().Conn()
	audience, err := newAudience(conn, f.log, f.id)
	if err != nil {
		cancel()
		return fmt.Errorf("listening for whether anybody hears the feed: %w", err)
	}
	publish := f.publishing(learner.Link().NewSender())
	f.working.Go(func() {
		defer audience.close()
		f.feeder.run(ctx, audience, publish)
	})
	f.reads = startReadService(ctx, f, learner)
	f.working.Go(func() { f.awaitLevel(ctx, learner) })
	return nil
}

// publishing publishes on the feed through a sender, for one goroutine.
func (f *face) publishing(sender *link.Sender) publishing {
	writer := newEntryWriter(f.log)
	return func(slot paxos.Slot, value *paxos.Value, reply string) {
		msg := writer.message(f.subjects.Chosen(), slot, value)
		msg.Reply = reply // the writer may use the message again
		sender.PublishMsg(msg)
	}
}

func (f *face) stop() {
	f.cancel()
	f.working.Wait()
	f.reads.wait()
}

// awaitLevel begins to answer reads once the learner has learned all that the acceptors have settled: who
// reads from one that is far behind would take the log to end there.
func (f *face) awaitLevel(ctx context.Context, learner *client.Learner) {
	ticker := time.NewTicker(levelEvery)
	defer ticker.Stop()
	for !learner.Status().Offering {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
	f.reads.listen()
}

const levelEvery = 20 * time.Millisecond

// Learned implements client.Face.
func (f *face) Learned(run paxos.Run) { f.memory.add(run) }

// Feed implements client.Face.
func (f *face) Feed(span paxos.Span) { f.feeder.feed(span) }

// Settled implements client.Face.
func (f *face) Settled(page *paxos.Settled) { f.pages.onSettled(page) }
