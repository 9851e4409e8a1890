package worker

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// flood is a feeder and a log that grows as it is told to.
type flood struct {
	t        *testing.T
	conn     *nats.Conn // the feeder's
	feeder   *feeder
	audience *audience
	publish  publishing
	learned  atomic.Uint64 // last slot learned
}

const feedSubject = "synod.main.chosen"

func startBroker(t *testing.T, options broker.Options) *broker.Broker {
	t.Helper()
	started, err := broker.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Shutdown)
	return started
}

func connect(t *testing.T, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(url, append(options, nats.MaxReconnects(-1))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// newFlood makes a feeder, and nothing to feed yet.
func newFlood(t *testing.T, url string, options ...nats.Option) *flood {
	t.Helper()
	f := &flood{t: t, feeder: newFeeder(newMemory(1 << 20))}
	f.feeder.rest = 0 // as many questions as can be
	f.conn = connect(t, url, append(options, nats.NoEcho(), nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))...) // denials are expected
	var err error
	if f.audience, err = newAudience(f.conn, "main", "l1"); err != nil {
		t.Fatal(err)
	}
	writer := newEntryWriter("main")
	f.publish = func(slot paxos.Slot, value *paxos.Value, reply string) {
		msg := writer.message(feedSubject, slot, value)
		msg.Reply = reply
		_ = f.conn.PublishMsg(msg) // fails while there is no connection
	}
	return f
}

// learn has so many values learned at once, in runs of at most ten.
func (f *flood) learn(count int) {
	first := paxos.Slot(f.learned.Load()) + 1
	last := first + paxos.Slot(count) - 1
	f.learned.Store(uint64(last)) // before: who looks must not take what is learned by now for later
	for begin := first; begin <= last; begin += 10 {
		f.feeder.memory.add(runOf(begin, min(begin+9, last)))
	}
	f.feeder.feed(paxos.Span{First: first, Last: last})
}

// cost has values learned, so many at a time, and fed, and returns how many messages that took.
func (f *flood) cost(times, count int) int {
	f.t.Helper()
	before := f.conn.Stats().OutMsgs
	for range times {
		f.learn(count)
		for f.feeder.next(f.t.Context(), f.audience, f.publish) {
		}
	}
	return int(f.conn.Stats().OutMsgs - before)
}

// begin has values learned, in runs of any length, and fed at the same time, until what it returns is
// called. They wait for the feeder, so that it has in memory what it feeds.
func (f *flood) begin() (end func()) {
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { f.feeder.run(ctx, f.audience, f.publish) })
	working.Go(func() {
		for random := rand.New(rand.NewPCG(1, 2)); ctx.Err() == nil; {
			if f.waiting() > 500 {
				time.Sleep(20 * time.Microsecond)
				continue
			}
			f.learn(1 + random.IntN(64))
		}
	})
	return func() {
		stop()
		working.Wait()
		f.cost(1, 1) // and what waited
	}
}

func (f *flood) waiting() int {
	f.feeder.mutex.Lock()
	defer f.feeder.mutex.Unlock()
	if f.feeder.waiting.IsEmpty() {
		return 0
	}
	return int(f.feeder.waiting.Last - f.feeder.waiting.First + 1)
}

// await waits until something is so.
func await(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for patience := time.Now().Add(time.Minute); !isSo(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(patience) {
			t.Fatal("not after a minute: ", what)
		}
	}
}

func (f *flood) awaitLearned(slot uint64) {
	f.t.Helper()
	await(f.t, "a slot is learned", func() bool { return f.learned.Load() >= slot })
}

// listener is a subscriber of the feed, and the last slot that was learned before it was sure to be one.
type listener struct {
	t            *testing.T
	subscription *nats.Subscription
	after        uint64
}

// listen subscribes, and makes sure that the feeder's broker knows.
func (f *flood) listen(conn *nats.Conn, makeSure func()) *listener {
	f.t.Helper()
	subscription, err := conn.SubscribeSync(feedSubject)
	if err != nil {
		f.t.Fatal(err)
	}
	_ = subscription.SetPendingLimits(-1, -1)
	makeSure()
	return &listener{t: f.t, subscription: subscription, after: f.learned.Load()}
}

// flush makes sure that the broker of a connection knows what was subscribed.
func (f *flood) flush(conn *nats.Conn) {
	f.t.Helper()
	if err := conn.FlushTimeout(time.Minute); err != nil {
		f.t.Fatal(err)
	}
}

// hears takes the slots through last off the feed. Those that are owed must be there, and all in order.
func (l *listener) hears(last uint64) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Minute)
	defer cancel()
	for heard := uint64(0); heard < last; {
		msg, err := l.subscription.NextMsgWithContext(ctx)
		if errors.Is(err, nats.ErrSlowConsumer) {
			continue // the newest were dropped, far beyond last: the flood does not wait for a test
		}
		if err != nil {
			l.t.Fatalf("who listens since %d was learned heard %d of %d: %v", l.after, heard, last, err)
		}
		slot, _ := codec.ParseSlot(msg.Header.Get(codec.HeaderSlot))
		owed := max(heard, l.after) + 1
		if uint64(slot) <= heard || uint64(slot) > owed {
			l.t.Fatalf("who listens since %d was learned heard %d after %d", l.after, slot, heard)
		}
		heard = uint64(slot)
	}
}

func (l *listener) leave() { _ = l.subscription.Unsubscribe() }

// listensInTheMiddle has a subscriber come while values flood, stay for a while and leave, again and again.
func (f *flood) listensInTheMiddle(times int, conn *nats.Conn, makeSure func()) {
	f.t.Helper()
	defer f.begin()()
	for range times {
		l := f.listen(conn, makeSure)
		f.awaitLearned(l.after + 500)
		l.hears(l.after + 500)
		l.leave()
		f.awaitLearned(f.learned.Load() + 2*askEvery) // the feeder finds that nobody is left
	}
}
