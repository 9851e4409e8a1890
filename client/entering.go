package client

import (
	"context"
	"fmt"

	"github.com/synod-log/synod/paxos"
)

const (
	// mostIdle is how many messages may be on their way while ones that are not full are still sent.
	mostIdle = 4
	// mostHeld is how many times the values that wait may be on their way when they are sent in a message
	// that is not full. Few values never wait; many wait for each other, so that messages grow with the
	// load: what a message costs its receivers is hardly more for a hundred values than for one.
	mostHeld = 2
)

// propose starts a value that one goroutine awaits, at done.
func (l *pipeline) propose(ctx context.Context, value paxos.Value) (*Pending, error) {
	l.Lock()
	defer l.Unlock()
	p := l.spares.proposal()
	p.value, p.done = value, make(chan struct{})
	if err := l.enter(ctx, p); err != nil {
		return nil, err
	}
	l.prompt()
	return p, nil
}

// start starts a value that is given up when ctx ends.
func (l *pipeline) start(ctx context.Context, value paxos.Value) (*Pending, error) {
	l.Lock()
	defer l.Unlock()
	p := l.spares.proposal()
	p.value = value
	if err := l.enter(ctx, p); err != nil {
		return nil, err
	}
	l.watchOver(ctx, p)
	l.prompt()
	return p, nil
}

// proposeAll proposes values and waits until all are resolved.
func (l *pipeline) proposeAll(ctx context.Context, proposals []Pending) {
	if len(proposals) == 0 {
		return
	}
	all := &many{left: len(proposals), done: make(chan struct{})}
	why := l.enterAll(ctx, all, proposals)
	if why == nil {
		if isDone(ctx, all.done) {
			return
		}
		why = context.Cause(ctx)
	}
	l.Lock()
	defer l.Unlock()
	for i := range proposals {
		l.giveUp(&proposals[i], why)
	}
	l.tidy()
}

func (l *pipeline) enterAll(ctx context.Context, all *many, proposals []Pending) error {
	l.Lock()
	defer l.Unlock()
	defer l.prompt()
	entered := 0 // bytes since others had the lock
	for i := range proposals {
		p := &proposals[i]
		p.many = all
		if err := l.enter(ctx, p); err != nil {
			return err
		}
		if entered += p.size; entered >= messageBytes {
			entered = 0
			l.prompt()
			l.Unlock()
			l.Lock()
		}
	}
	return nil
}

// enter queues a proposal, when the window has room for it. Where it fails nothing was sent.
func (l *pipeline) enter(ctx context.Context, p *Pending) error {
	p.pipeline, p.size = l, p.value.Size()
	if !l.window.enter(p.size) {
		l.prompt()
		if err := l.window.wait(ctx, p.size); err != nil {
			return fmt.Errorf("it was not sent, since what is on its way fills the window: %w", err)
		}
	}
	if l.closed == nil && l.subscription == nil {
		l.subscribe()
	}
	if l.closed != nil {
		l.window.leave(p.size)
		l.window.admit()
		return l.closed
	}
	p.isEntered = true
	p.value.Data = l.spares.copy(p.value.Data)
	l.queue = append(l.queue, p)
	l.queued += p.size
	return nil
}

// prompt has what waits sent, where it is time to.
func (l *pipeline) prompt() {
	switch {
	case !l.isReady():
	case l.isSending:
		l.rouse()
	default:
		l.isSending = true
		go l.send()
	}
}

// isReady reports whether what waits is to be sent now: it fills a message, or is not little beside what is
// on its way.
func (l *pipeline) isReady() bool {
	waiting := len(l.queue) - l.gone
	if l.queued >= messageBytes {
		return true
	}
	if waiting == 0 || len(l.sent)-l.late >= mostIdle {
		return false
	}
	onTheirWay := 0
	for _, m := range l.sent {
		if !m.isLate {
			onTheirWay += m.left
		}
	}
	return onTheirWay <= mostHeld*waiting
}

// rouse wakes the sending goroutine.
func (l *pipeline) rouse() {
	if l.isAsleep {
		l.isAsleep, l.isRoused = false, true
	}
}
