package client

import (
	"errors"
	"fmt"
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
			case <-timer.C:
				l.awake()
			}
		default:
			return
		}
	}
}

// awake notes that the goroutine woke by itself.
func (l *pipeline) awake() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !l.isAsleep {
		<-l.wake // somebody woke it in the same moment
	}
	l.isAsleep = false
}

// sender is what the sending goroutine keeps to use again.
type sender struct {
	*pipeline
	values []paxos.Value
	parts  []part
	buffer []byte
}

// choose returns a message to send now, with copies of its values; or none, and how long to wait. Where
// that is 0 nothing is on its way, and the goroutine ends.
func (s *sender) choose(now time.Time) (*message, []part, time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
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
	if until := s.resumed.Sub(now); until > 0 {
		wait = min(wait, until)
	} else if until := s.due.Sub(now); len(s.sent) > 0 && until > 0 {
		wait = min(wait, until)
	}
	return nil, nil, wait
}

func (s *sender) chooseMessage(now time.Time) *message {
	if now.Before(s.resumed) || !s.isConnected(now) {
		return nil
	}
	if m := s.overdue(now); m != nil {
		return m
	}
	if len(s.queue) > s.gone && (len(s.sent) < mostIdle || s.queued >= messageBytes) {
		return s.fill(now)
	}
	return nil
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

// overdue returns the first message that is to be sent again.
func (s *sender) overdue(now time.Time) *message {
	if len(s.sent) == 0 || now.Before(s.due) {
		return nil
	}
	s.due = now.Add(s.attempt)
	for _, m := range s.sent {
		if !now.Before(m.due) {
			m.due, s.due = now.Add(s.attempt), now // there may be more
			return m
		}
		if m.due.Before(s.due) {
			s.due = m.due
		}
	}
	return nil
}

// fill makes a message of what waits, as much as fits one.
func (s *sender) fill(now time.Time) *message {
	m := &message{first: s.next, due: now.Add(s.attempt), wait: firstRetryWait}
	if len(s.sent) == 0 || m.due.Before(s.due) {
		s.due = m.due
	}
	most := min(messageBytes, s.mostMessage())
	taken, bytes := 0, 0
	for _, p := range s.queue {
		if !p.isResolved {
			if len(m.proposals) > 0 && (bytes+p.onWire() > most || p.isAlone) {
				break
			}
			bytes += p.onWire()
			s.queued -= p.size
			p.message, p.index = m, len(m.proposals)
			m.proposals = append(m.proposals, p)
		} else {
			s.gone--
		}
		s.queue[taken] = nil
		taken++
		if p.isAlone && !p.isResolved {
			break
		}
	}
	s.queue = s.queue[taken:]
	m.left = len(m.proposals)
	s.next += uint64(m.left)
	s.sent = append(s.sent, m)
	return m
}

// onWire is about how many bytes a proposal takes in a message.
func (p *Pending) onWire() int { return p.size - 24 }

// mostMessage is how large a message of several values may be.
func (l *pipeline) mostMessage() int {
	if most := l.conn.MaxPayload(); most > 0 {
		return int(most) - valueReserve
	}
	return messageBytes
}

// partsOf copies what of a message is not resolved.
func (s *sender) partsOf(m *message) []part {
	if cap(s.values) < len(m.proposals) {
		s.values = make([]paxos.Value, 0, 2*len(m.proposals))
	}
	values := s.values[:0]
	s.parts = s.parts[:0]
	begin := 0
	for i, p := range m.proposals {
		if p != nil {
			values = append(values, p.value)
		}
		if end := len(values); end > begin && (p == nil || i == len(m.proposals)-1) {
			first := i - (end - begin)
			if p != nil {
				first++
			}
			s.parts = append(s.parts, part{number: m.first + uint64(first), values: values[begin:end]})
			begin = end
		}
	}
	return s.parts
}

// publish sends values. The reply subject is our own, on which the broker says that nobody listens.
func (s *sender) publish(p part) error {
	s.buffer = codec.AppendMessage(s.buffer[:0], paxos.Tag{}, &paxos.Propose{
		Values: p.values,
		Reply:  paxos.Reply{Client: true, To: s.client + "." + s.instance, Number: p.number},
	})
	subject := s.subjects.Subject(paxos.Message{
		From: paxos.Address{Role: paxos.RoleClient, ID: s.client}, Body: &paxos.Propose{},
	})
	reply := s.subjects.Outcome(nobody, s.client, s.instance)
	return s.conn.PublishRequest(subject, reply, s.buffer)
}

// nobody stands for a proposer in the subject on which the broker itself answers.
const nobody = "nobody"

// onUnsent is told that a message could not be sent.
func (l *pipeline) onUnsent(m *message, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
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
}
