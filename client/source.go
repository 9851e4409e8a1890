package client

import (
	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/link"
)

// source is a subscription whose messages wait in a bounded queue. What comes beyond is dropped.
type source struct {
	subscription *nats.Subscription
	queue        *link.Queue[*nats.Msg]
	taken        []*nats.Msg
	begin        int // of what is left of taken
}

func (s *source) listen(conn *nats.Conn, subject string, most int) (err error) {
	s.queue = link.NewQueue[*nats.Msg](most)
	s.subscription, err = conn.Subscribe(subject, func(msg *nats.Msg) {
		const overhead = 512 // of a message and its headers, decoded
		s.queue.Put(0, msg, overhead+msg.Size())
	})
	if err == nil {
		err = s.subscription.SetPendingLimits(-1, most)
	}
	return err
}

func (s *source) close() { _ = s.subscription.Unsubscribe() } // fails where the connection is closed

// head is the first message that waits; nil where none does.
func (s *source) head() *nats.Msg {
	if s.begin == len(s.taken) {
		s.taken = s.queue.Take(s.taken)
		s.begin = 0
	}
	if s.begin == len(s.taken) {
		return nil
	}
	return s.taken[s.begin]
}

// drop drops the head.
func (s *source) drop() {
	s.taken[s.begin] = nil
	s.begin++
}
