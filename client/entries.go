package client

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/paxos"
)

// Entries returns the log from a slot on (0 is 1): in order, without a hole, each slot once, and then what is
// chosen later, as it comes. Slots without a value are among them, with Noop set.
//
// It ends where the consumer breaks off, or with an error, once: ctx's own, joined with ErrNoLearner where
// none answers; ErrTrimmed, where the first slot wanted is gone; ErrClosed and nats.ErrConnectionClosed.
// It waits for a broker, and for a learner, as long as ctx allows.
//
// It listens to the feed, and reads what it has not heard: that costs a message for each entry and the
// learners' work, and the acceptors nothing, but for slots too old for a learner's memory. A slow consumer
// lags, and holds nobody up: what waits for it is bounded by twice Options.BufferBytes and one answer of a
// learner, and what came beyond is read again. While the feed is silent it asks a learner once a second.
//
// With Options.Learn it learns in this process, as learners do.
func (c *Client) Entries(ctx context.Context, from uint64) iter.Seq2[Entry, error] {
	from = max(from, 1)
	if c.options.Learn != nil {
		return func(yield func(Entry, error) bool) { c.learnHere(ctx, paxos.Slot(from), yield) }
	}
	return func(yield func(Entry, error) bool) {
		f, err := c.follow(from)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer f.close()
		for {
			entry, err := f.entry(ctx)
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}
}

const (
	// pollEvery is how long the feed may be silent before a learner is asked.
	pollEvery = time.Second
	// A learner's answer may pause for leastSilence before another is asked, then for twice as long each time,
	// up to mostSilence; for half as long after each that came to its end.
	leastSilence = 200 * time.Millisecond
	mostSilence  = 3 * time.Second
	// answerBytes bounds what waits of answers: learners keep one to a mebibyte, or one value.
	answerBytes = 64 << 20
)

// following is one reader of the log. Only what the callbacks of nats.go put into its queues is shared.
//
// It gives out next and nothing else: from the feed where that has it, else from an answer to a read.
type following struct {
	client *Client
	next   paxos.Slot
	feed   source
	read   source
	inbox  string // reply subjects begin with it
	asked  uint64 // number of the last request; answers to older ones are ignored

	isAsking bool          // the last request is not answered to its end
	got      paxos.Slot    // next when it was asked
	heard    time.Time     // when its answer was last heard, or it was asked
	silence  time.Duration // how long its answer may pause
	hole     paxos.Slot    // next, where the feed was seen to be ahead of it

	askAt time.Time     // when to ask, where nothing comes before
	pause time.Duration // how long the next pause is after a request in vain
	cause error         // why the last request was in vain
}

func (c *Client) follow(from uint64) (*following, error) {
	f := &following{client: c, next: paxos.Slot(from), inbox: c.conn.NewRespInbox() + ".", silence: leastSilence}
	if err := f.feed.listen(c.conn, c.subjects.Chosen(), c.options.BufferBytes); err != nil {
		return nil, err
	}
	if err := f.read.listen(c.conn, f.inbox+"*", answerBytes); err != nil {
		f.feed.close()
		return nil, err
	}
	return f, nil
}

func (f *following) close() {
	f.feed.close()
	f.read.close()
}

// entry returns the next entry, as soon as there is one.
func (f *following) entry(ctx context.Context) (Entry, error) {
	for {
		if entry, ok := f.fromFeed(); ok {
			return entry, nil
		}
		entry, ok, err := f.fromRead()
		if ok || err != nil {
			return entry, err
		}
		if err := f.await(ctx); err != nil {
			return Entry{}, err
		}
	}
}

// fromFeed takes the next entry off the feed, if it has it. What it has passed over is forgotten.
func (f *following) fromFeed() (Entry, bool) {
	for msg := f.feed.head(); msg != nil; msg = f.feed.head() {
		slot, ok := slotOf(msg, f.client.log)
		if ok && slot > f.next {
			if f.hole != f.next { // it is noticed now
				f.hole, f.askAt = f.next, time.Now()
			}
			return Entry{}, false
		}
		f.feed.drop()
		if ok && slot == f.next {
			f.advance()
			f.askAt = time.Now().Add(pollEvery)
			return entryOf(msg, f.client.log), true
		}
	}
	return Entry{}, false
}

// advance notes that next was found.
func (f *following) advance() {
	f.next++
	f.pause, f.cause = 0, nil
}

// await waits until something new may be there, and asks for it where it is time.
func (f *following) await(ctx context.Context) error {
	until := f.waitUntil()
	if !time.Now().Before(until) {
		if f.isAsking {
			f.silence = min(2*f.silence, mostSilence)
		}
		f.ask()
		until = f.waitUntil()
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), f.cause)
	case <-f.client.closed:
		return ErrClosed
	case <-f.feed.queue.Ready():
	case <-f.read.queue.Ready():
	case <-timer.C:
	}
	if f.client.conn.IsClosed() {
		return nats.ErrConnectionClosed
	}
	return nil
}
