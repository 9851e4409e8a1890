package client

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
)

// overdue returns the first message that is to be sent again, and may be.
func (s *sender) overdue(now time.Time) *message {
	if len(s.sent) == 0 || now.Before(s.due) {
		return nil
	}
	s.due = now.Add(s.attempt)
	for _, m := range s.sent {
		if !now.Before(m.due) && (!m.isRefused || s.mayAdd()) {
			m.due, s.due = now.Add(s.attempt), now // there may be more
			s.setRefused(m, false)
			return m
		}
		if m.due.Before(s.due) {
			s.due = m.due
		}
	}
	return nil
}

// onUnsent is told that a message could not be sent.
func (l *pipeline) onUnsent(m *message, err error) {
	l.Lock()
	defer l.Unlock()
	if errors.Is(err, nats.ErrMaxPayload) {
		l.refuse(m, fmt.Errorf("%w: the broker takes messages of %d bytes", ErrTooLarge, l.conn.MaxPayload()))
		return
	}
	l.cause = err
	l.retry(m, time.Now())
}

// retry has a message sent again after a while, longer each time.
func (l *pipeline) retry(m *message, now time.Time) {
	m.due = later(now, m.wait)
	m.wait = min(2*m.wait, longestRetryWait)
	if m.due.Before(l.due) {
		l.due = m.due
	}
}

// refuse ends a proposal that can never be chosen. Of several in one message it is not known which one was
// refused: each is sent alone.
func (l *pipeline) refuse(m *message, err error) {
	isOne := len(m.proposals) == 1
	var alone []*Pending
	for _, p := range m.proposals {
		switch {
		case p == nil:
		case isOne:
			l.resolve(p, Outcome{}, err)
			return
		default:
			l.takeOut(p)
			p.isAlone = true
			l.queued += p.size
			alone = append(alone, p)
		}
	}
	l.queue = append(alone, l.queue...)
	l.rouse()
}

// later returns now and a while more: between half of wait and all of it, so that clients do not come back
// together.
func later(now time.Time, wait time.Duration) time.Time { return now.Add(wait/2 + rand.N(wait/2)) }
