package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

const (
	// messageBytes is about how large a message of several values is: what connections read and write at
	// once.
	messageBytes = 28 << 10
	// mostIdle is how many messages may be on their way while small ones are still sent at once. Beyond, a
	// message waits until it is full or one is answered, so that messages grow with the load.
	mostIdle = 4

	firstRetryWait   = 20 * time.Millisecond
	longestRetryWait = time.Second
)

// pipeline is the proposals on their way. Values that wait go into messages, as many as fit; a message is
// sent again, without the values that were answered, until all are.
//
// One goroutine sends, while there is something on its way. Invariant: a proposal that entered is in queue or
// in exactly one message of sent, until it is resolved.
type pipeline struct {
	conn     *nats.Conn
	subjects *codec.Subjects
	log      string
	client   string
	instance string
	ids      drawnIDs
	attempt  time.Duration
	window   *window
	wake     chan struct{} // capacity 1

	mutex        sync.Mutex
	subscription *nats.Subscription // of the outcomes; nil: there was no proposal yet
	isSending    bool               // the goroutine runs
	isAsleep     bool               // it waits to be woken
	closed       error              // why there will be nothing more
	queue        []*Pending         // not sent yet, in order
	queued       int                // bytes in queue
	gone         int                // proposals in queue that are resolved
	next         uint64             // number of the next value
	sent         []*message         // those with a value that is not answered, by number
	due          time.Time          // none of sent is due before
	resumed      time.Time          // nothing is sent before: the leader is overloaded
	pause        time.Duration      // how long the next such pause is
	cause        error              // what was said last of why nothing is acknowledged
	reconnects   uint64
}

func newPipeline(conn *nats.Conn, log string, subjects *codec.Subjects, o Options) *pipeline {
	return &pipeline{
		conn: conn, subjects: subjects, log: log, client: o.ID, instance: newInstance(), ids: drawIDs(),
		attempt: o.AttemptTimeout, window: &window{mostCount: o.Window, mostBytes: o.WindowBytes},
		wake: make(chan struct{}, 1), pause: firstRetryWait,
	}
}

// enter queues a proposal, when the window has room for it. Where it fails nothing was sent.
func (l *pipeline) enter(ctx context.Context, p *Pending) error {
	if err := l.window.enter(ctx, p.size); err != nil {
		return fmt.Errorf("it was not sent, since what is on its way fills the window: %w", err)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.closed == nil && l.subscription == nil {
		l.subscribe()
	}
	if l.closed != nil {
		l.window.leave(p.size)
		return l.closed
	}
	p.isEntered = true
	l.queue = append(l.queue, p)
	l.queued += p.size
	switch {
	case !l.isSending:
		l.isSending = true
		go l.send()
	case len(l.sent) < mostIdle || l.queued >= messageBytes:
		l.rouse()
	}
	return nil
}

// rouse wakes the sending goroutine.
func (l *pipeline) rouse() {
	if l.isAsleep {
		l.isAsleep = false
		l.wake <- struct{}{}
	}
}

// subscribe listens to outcomes, once: whichever proposer leads answers on one subject.
func (l *pipeline) subscribe() {
	subject := l.subjects.OutcomeSubscription(l.client, l.instance)
	subscription, err := l.conn.Subscribe(subject, l.onOutcomes)
	if err != nil {
		l.closed = fmt.Errorf("listening to outcomes: %w", err)
		return
	}
	_ = subscription.SetPendingLimits(-1, outcomeBytes) // fails only where it is closed
	l.subscription = subscription
}

// outcomeBytes bounds the outcomes that wait to be read. What is lost beyond is asked for again.
const outcomeBytes = 16 << 20

// await waits for a call until ctx ends.
func (l *pipeline) await(ctx context.Context, c *call) {
	select {
	case <-c.done:
	case <-ctx.Done():
		l.abandon(c, context.Cause(ctx))
	}
}

// watch gives a call up when ctx ends.
func (l *pipeline) watch(ctx context.Context, c *call) {
	stop := context.AfterFunc(ctx, func() { l.abandon(c, context.Cause(ctx)) })
	l.mutex.Lock()
	defer l.mutex.Unlock()
	c.stop = stop
	if c.left == 0 {
		stop()
	}
}

// abandon gives up what of a call is not resolved: its outcome is unknown.
func (l *pipeline) abandon(c *call, why error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	err := errors.Join(ErrOutcomeUnknown, l.cause, why)
	for i := range c.proposals {
		l.resolve(&c.proposals[i], Outcome{}, err)
	}
	if l.gone > len(l.queue)/2 {
		l.queue = slices.DeleteFunc(l.queue, func(p *Pending) bool { return p.isResolved })
		l.gone = 0
	}
	l.rouse()
}

// resolve says how a proposal ended, the first time.
func (l *pipeline) resolve(p *Pending, outcome Outcome, err error) {
	if p.isResolved {
		return
	}
	p.isResolved, p.outcome, p.err = true, outcome, err
	switch {
	case p.message != nil:
		l.takeOut(p)
	case p.isEntered:
		l.gone++
		l.queued -= p.size
	}
	if p.isEntered {
		l.window.leave(p.size)
	}
	p.value = paxos.Value{}
	c := p.call
	if c.left--; c.left == 0 {
		if c.stop != nil {
			c.stop()
		}
		close(c.done)
	}
}

// close ends the pipeline and everything on its way.
func (l *pipeline) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.fail(ErrClosed)
	if l.subscription != nil {
		_ = l.subscription.Unsubscribe() // fails where the connection is closed
	}
	l.rouse()
}

// fail ends everything for good.
func (l *pipeline) fail(why error) {
	if l.closed == nil {
		l.closed = why
	}
	err := errors.Join(ErrOutcomeUnknown, l.cause, why)
	for _, p := range l.queue {
		l.resolve(p, Outcome{}, err)
	}
	l.queue, l.queued, l.gone = nil, 0, 0
	for len(l.sent) > 0 {
		for _, p := range l.sent[0].proposals {
			if p != nil {
				l.resolve(p, Outcome{}, err) // the last one takes the message out
			}
		}
	}
}
