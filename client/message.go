package client

import (
	"slices"
	"time"

	"github.com/synod-log/synod/paxos"
)

// message is values that were sent together, numbered from first.
type message struct {
	first     uint64
	proposals []*Pending // nil: resolved
	left      int        // not nil
	due       time.Time  // when to send it again
	wait      time.Duration
	isLate    bool // it was not answered for so long that what waits does not wait for it
	isRefused bool // the leader had no room for it: it is to be sent again, and is not on its way
}

// has reports whether a number is of one of its values.
func (m *message) has(number uint64) bool {
	return m.first <= number && number < m.first+uint64(len(m.proposals))
}

// fill makes a message of what waits, as much as fits one.
func (s *sender) fill(now time.Time) *message {
	s.filled = now
	m := &message{first: s.next, due: now.Add(s.attempt), wait: firstRetryWait}
	waiting := len(s.queue) - s.gone
	m.proposals = make([]*Pending, 0, min(waiting, 1+messageBytes*waiting/s.queued))
	if len(s.sent) == 0 || m.due.Before(s.due) {
		s.due = m.due
	}
	most := min(messageBytes, s.mostMessage())
	taken, bytes := 0, 0
	for _, p := range s.queue {
		if !p.isResolved.Load() {
			if len(m.proposals) > 0 && (bytes+p.onWire() > most || p.isAlone) {
				break
			}
			bytes += p.onWire()
			s.queued -= p.size
			p.message, p.index = m, len(m.proposals)
			if p.value.ID.Kind == paxos.IDNone {
				p.value.ID = s.ids.of(s.next + uint64(p.index))
			}
			m.proposals = append(m.proposals, p)
		} else {
			s.gone--
		}
		taken++
		if p.isAlone && !p.isResolved.Load() {
			break
		}
	}
	s.queue = slices.Delete(s.queue, 0, taken)
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

// takeOut takes a proposal out of its message, and the message out of those sent when it was the last.
func (l *pipeline) takeOut(p *Pending) {
	m := p.message
	m.proposals[p.index], p.message = nil, nil
	if m.left--; m.left > 0 {
		return
	}
	if i, ok := l.find(m.first); ok {
		l.sent = slices.Delete(l.sent, i, i+1)
		if m.isLate {
			l.late--
		}
		l.setRefused(m, false)
	}
}

// find returns the index of the message that a number is of, or was.
func (l *pipeline) find(number uint64) (int, bool) {
	i, _ := slices.BinarySearchFunc(l.sent, number, func(m *message, number uint64) int {
		if m.first+uint64(len(m.proposals)) <= number {
			return -1
		}
		return 1
	})
	return i, i < len(l.sent) && l.sent[i].first <= number
}
