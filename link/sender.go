package link

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// Sender sends a role's messages from one goroutine. It encodes into a buffer that it uses again: nats.go
// copies what it publishes.
type Sender struct {
	link   *Link
	buffer []byte
}

// NewSender returns a sender; each goroutine that sends has one of its own.
func (l *Link) NewSender() *Sender { return &Sender{link: l} }

// keptBuffer is the largest buffer that a sender keeps for the next message, in bytes.
const keptBuffer = 1 << 20

// Send sends a message, in parts where it is larger than the broker takes and has several values. One that
// cannot leave now is counted and lost: the protocol repairs it.
func (s *Sender) Send(m paxos.Message) {
	s.buffer = codec.AppendMessage(s.buffer[:0], m.Tag, m.Body)
	if int64(len(s.buffer)) > s.link.MaxPayload() {
		if parts := cut(m); len(parts) > 0 {
			for _, part := range parts {
				s.Send(part)
			}
			return
		}
	}
	s.Publish(s.link.role.Subjects.Subject(m), s.buffer)
	if cap(s.buffer) > keptBuffer {
		s.buffer = nil
	}
}

// Publish sends bytes to a subject. What cannot leave now is counted and lost.
func (s *Sender) Publish(subject string, data []byte) {
	s.link.sent(subject, s.link.conn.Publish(subject, data))
}

// PublishMsg sends a message with headers. What cannot leave now is counted and lost.
func (s *Sender) PublishMsg(msg *nats.Msg) {
	s.link.sent(msg.Subject, s.link.conn.PublishMsg(msg))
}

func (l *Link) sent(subject string, err error) {
	if err == nil {
		l.counts.sent.Add(1)
		return
	}
	l.counts.unsent.Add(1)
	if errors.Is(err, nats.ErrMaxPayload) {
		l.events.onTooLarge(subject, l.MaxPayload())
	}
}
