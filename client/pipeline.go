package client

import (
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

	firstRetryWait   = 20 * time.Millisecond
	longestRetryWait = time.Second
)

// pipeline is the proposals on their way. Values that wait go into messages, as many as fit; a message is
// sent again, without the values that were answered, until all are.
//
// One goroutine sends, while there is something on its way, and a moment longer. Invariant: a proposal that
// entered is in queue or in exactly one message of sent, until it is resolved.
type pipeline struct {
	conn     *nats.Conn
	log      string
	subject  string // of proposals
	outcomes string // subject of their outcomes
	reply    string // of those, where the broker answers
	answered string // who gets them: the client and the instance
	ids      drawnIDs
	attempt  time.Duration
	wake     chan struct{} // capacity 1

	mutex        sync.Mutex
	window       window
	spares       spares
	subscription *nats.Subscription // of the outcomes; nil: there was no proposal yet
	isSending    bool               // the goroutine runs
	isAsleep     bool               // it waits to be woken
	closed       error              // why there will be nothing more
	queue        []*Pending         // not sent yet, in order
	queued       int                // bytes in queue
	gone         int                // proposals in queue that are resolved
	next         uint64             // number of the next value
	sent         []*message         // those with a value that is not answered, by number
	late         int                // of sent: those that nothing waits for
	refused      int                // of sent: those that the leader had no room for
	filled       time.Time          // when the last message was made
	due          time.Time          // none of sent is due before
	crowding     crowding           // what an overloaded leader has made of us
	cause        error              // what was said last of why nothing is acknowledged
	reconnects   uint64
	watches      map[<-chan struct{}]*watch // by what closes when their contexts end

	// What Unlock is to do.
	resolved []chan struct{} // to close
	isRoused bool            // send to wake
}

func newPipeline(conn *nats.Conn, log string, subjects *codec.Subjects, o Options) *pipeline {
	instance := newInstance()
	l := &pipeline{
		conn: conn, log: log, ids: drawIDs(),
		subject: subjects.Subject(paxos.Message{
			From: paxos.Address{Role: paxos.RoleClient, ID: o.ID}, Body: &paxos.Propose{},
		}),
		outcomes: subjects.OutcomeSubscription(o.ID, instance),
		reply:    subjects.Outcome(nobody, o.ID, instance),
		answered: o.ID + "." + instance,
		attempt:  o.AttemptTimeout, wake: make(chan struct{}, 1), crowding: crowding{pause: firstRetryWait},
		watches: map[<-chan struct{}]*watch{},
	}
	l.window = window{lock: l, mostCount: o.Window, mostBytes: o.WindowBytes}
	return l
}

// subscribe listens to outcomes, once: whichever proposer leads answers on one subject.
func (l *pipeline) subscribe() {
	subscription, err := l.conn.Subscribe(l.outcomes, l.onOutcomes)
	if err != nil {
		l.closed = fmt.Errorf("listening to outcomes: %w", err)
		return
	}
	_ = subscription.SetPendingLimits(-1, outcomeBytes) // fails only where it is closed
	l.subscription = subscription
}

// outcomeBytes bounds the outcomes that wait to be read. What is lost beyond is asked for again.
const outcomeBytes = 16 << 20

// abandon gives up a proposal, if it is not resolved.
func (l *pipeline) abandon(why error, p *Pending) {
	l.Lock()
	defer l.Unlock()
	l.giveUp(p, why)
	l.tidy()
}

// giveUp ends a proposal that is not resolved: its outcome is unknown.
func (l *pipeline) giveUp(p *Pending, why error) {
	if !p.isResolved.Load() {
		l.resolve(p, Outcome{}, errors.Join(ErrOutcomeUnknown, l.cause, why))
	}
}

// tidy looks after what is left when proposals were given up.
func (l *pipeline) tidy() {
	if l.gone > len(l.queue)/2 {
		l.queue = slices.DeleteFunc(l.queue, func(p *Pending) bool { return p.isResolved.Load() })
		l.gone = 0
	}
	l.rouse()
}

// resolve says how a proposal ended, the first time.
func (l *pipeline) resolve(p *Pending, outcome Outcome, err error) {
	if p.isResolved.Load() {
		return
	}
	p.outcome, p.err = outcome, err
	p.isResolved.Store(true)
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
	p.value.Headers, p.value.Data = nil, nil
	if p.watch != nil {
		l.unwatch(p)
	}
	if p.done != nil {
		l.resolved = append(l.resolved, p.done)
	}
	if p.many != nil {
		if p.many.left--; p.many.left == 0 {
			l.resolved = append(l.resolved, p.many.done)
		}
	}
}

// Lock takes the lock.
func (l *pipeline) Lock() { l.mutex.Lock() }

// Unlock lets the lock go, and only then wakes whom what was done under it concerns: they want the lock.
func (l *pipeline) Unlock() {
	l.window.admit()
	resolved, isRoused := l.resolved, l.isRoused
	l.resolved, l.isRoused = nil, false
	l.mutex.Unlock()
	for _, done := range resolved {
		close(done)
	}
	if isRoused {
		l.wake <- struct{}{}
	}
}

// close ends the pipeline and everything on its way.
func (l *pipeline) close() {
	l.Lock()
	defer l.Unlock()
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
