package client

import (
	"errors"
	"runtime"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// lookEvery is how often the sending goroutine looks at its connection while something is on its way.
const lookEvery = 100 * time.Millisecond

// part is consecutive values of a message, which travel together.
type part struct {
	number uint64 // of the first
	values []paxos.Value
}

// send sends what waits, until nothing is on its way.
func (l *pipeline) send() {
	timer := time.NewTimer(lookEvery)
	defer timer.Stop()
	s := sender{pipeline: l}
	l.gather()
	for {
		message, parts, wait := s.choose(time.Now())
		switch {
		case message != nil:
			for _, part := range parts {
				if err := s.publish(part); err != nil {
					l.onUnsent(message, err)
					break
				}
			}
		case wait > 0:
			timer.Reset(wait)
			select {
			case <-l.wake:
				l.gather()
			case <-timer.C:
				l.awake()
			}
		default:
			return
		}
	}
}

// mostGathering is how often the sending goroutine lets others run before it makes a message.
const mostGathering = 3

// gather lets those propose who were woken together, by the outcomes of one message, as long as they do: else
// the first of them would be sent alone.
func (l *pipeline) gather() {
	before := -1
	for range mostGathering {
		l.Lock()
		waiting, isFull := len(l.queue), l.queued >= messageBytes
		l.Unlock()
		if waiting == before || isFull {
			return
		}
		before = waiting
		runtime.Gosched()
	}
}

// awake notes that the goroutine woke by itself.
func (l *pipeline) awake() {
	l.Lock()
	defer l.Unlock()
	if !l.isAsleep {
		<-l.wake // somebody woke it in the same moment
	}
	l.isAsleep = false
}

// sender is what the sending goroutine keeps to use again.
type sender struct {
	*pipeline
	values  []paxos.Value
	parts   []part
	propose paxos.Propose
	buffer  []byte
}

// choose returns a message to send now, with copies of its values; or none, and how long to wait. Where
// that is 0 nothing is on its way, and the goroutine ends.
func (s *sender) choose(now time.Time) (*message, []part, time.Duration) {
	s.Lock()
	defer s.Unlock()
	if s.conn.IsClosed() && len(s.queue)+len(s.sent) > 0 {
		s.fail(nats.ErrConnectionClosed)
	}
	if len(s.sent) == 0 && len(s.queue) == s.gone {
		clear(s.queue)
		s.queue, s.gone = s.queue[:0], 0
		s.isSending = false
		return nil, nil, 0
	}
	if m := s.chooseMessage(now); m != nil {
		return m, s.partsOf(m), 0
	}
	s.isAsleep = true
	wait := lookEvery
	if until := s.crowding.until.Sub(now); until > 0 {
		wait = min(wait, until)
	} else if until := s.due.Sub(now); len(s.sent) > 0 && until > 0 {
		wait = min(wait, until)
	}
	return nil, nil, wait
}

func (s *sender) chooseMessage(now time.Time) *message {
	if now.Before(s.crowding.until) || !s.isConnected(now) {
		return nil
	}
	if m := s.overdue(now); m != nil {
		return m
	}
	if s.isHeldUp(now) {
		s.giveUpWaiting()
	}
	if s.refused == 0 && s.mayAdd() && s.isReady() {
		return s.fill(now)
	}
	return nil
}

// isHeldUp reports whether something waits for answers that may have been lost.
func (s *sender) isHeldUp(now time.Time) bool {
	return len(s.queue) > s.gone && now.Sub(s.filled) >= lookEvery
}

// giveUpWaiting has what waits not wait for the messages that are on their way, all of which were made a
// while ago: a leader that was away for a moment may have missed them. They are sent again when they are due.
func (s *sender) giveUpWaiting() {
	for _, m := range s.sent {
		if !m.isLate {
			m.isLate = true
			s.late++
		}
	}
}

// isConnected reports whether there is a connection. After a new one was made, what is on its way is due:
// it may have been lost with the old one.
func (s *sender) isConnected(now time.Time) bool {
	if !s.conn.IsConnected() {
		s.cause = errNotConnected
		return false
	}
	if reconnects := s.conn.Stats().Reconnects; reconnects != s.reconnects {
		s.reconnects = reconnects
		for _, m := range s.sent {
			m.due = now
		}
		s.due = now
	}
	return true
}

var errNotConnected = errors.New("there is no connection to NATS")

// publish sends values. The reply subject is our own, on which the broker says that nobody listens.
func (s *sender) publish(p part) error {
	s.propose = paxos.Propose{
		Values: p.values,
		Reply:  paxos.Reply{Client: true, To: s.answered, Number: p.number},
	}
	s.buffer = codec.AppendMessage(s.buffer[:0], paxos.Tag{}, &s.propose)
	return s.conn.PublishRequest(s.subject, s.reply, s.buffer)
}

// nobody stands for a proposer in the subject on which the broker itself answers.
const nobody = "nobody"
