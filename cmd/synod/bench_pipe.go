package main

import (
	"context"
	"errors"
	"time"

	"github.com/synod-log/synod/client"
)

// benchPipe is a client that proposes and does not wait. Its values are awaited in their order: one is
// answered once those before it are, as it is for a program that keeps the order.
//
// Where one has no answer for the timeout, the pipe ends, and so do all that share its connection. To give
// up each value alone takes a context for each, which costs more than all else that is done for it.
type benchPipe struct {
	to      *client.Client
	value   []byte
	timeout time.Duration
	sent    chan sentValue
	ended   chan struct{}
}

// sentValue is a value on its way, or what kept it from being sent.
type sentValue struct {
	began   time.Time // or when it was to begin
	pending *client.Pending
	err     error
}

// pipe begins to await what a client sends, and counts it. It calls failed, perhaps often, where a value is
// not acknowledged.
func (l *benchLoad) pipe(number int, m *meter, failed func()) *benchPipe {
	p := &benchPipe{
		to: l.sharers[number%len(l.sharers)], value: l.value, timeout: l.log.settings.NATS.Timeout,
		sent: make(chan sentValue, benchWindow/l.clients+1), ended: make(chan struct{}),
	}
	go func() {
		defer close(p.ended)
		for sent := range p.sent {
			acknowledged := 1
			err := p.await(sent)
			if err != nil {
				acknowledged = 0
				failed()
			}
			m.add(sent.began, acknowledged, 1-acknowledged, err)
			l.progress.add(acknowledged)
		}
	}()
	return p
}

// send proposes a value when the window has room for it. It reports whether there may be more.
func (p *benchPipe) send(began time.Time) bool {
	pending, err := p.to.Go(context.Background(), client.Proposal{Value: p.value})
	if errors.Is(err, client.ErrClosed) {
		return false // those on their way tell why
	}
	p.sent <- sentValue{began: began, pending: pending, err: err}
	return err == nil
}

// await returns how a value ended.
func (p *benchPipe) await(sent sentValue) error {
	if sent.pending == nil {
		return sent.err
	}
	select {
	case <-sent.pending.Done():
	default:
		select {
		case <-sent.pending.Done():
		case <-time.After(p.timeout):
			p.to.Close() // all that is on its way has ended then
		}
	}
	_, err := sent.pending.Result()
	return err
}

// finish waits until all that was sent is answered.
func (p *benchPipe) finish() {
	close(p.sent)
	<-p.ended
}

// pipeline keeps the window of a connection full.
func (l *benchLoad) pipeline(ctx context.Context, number int, m *meter) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	p := l.pipe(number, m, stop)
	for ctx.Err() == nil && l.take(1) > 0 && p.send(time.Now()) {
	}
	p.finish()
}
