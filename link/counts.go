package link

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/synod-log/synod/codec"
)

// Counts are what became of messages since the link was opened.
type Counts struct {
	Received         uint64
	Sent             uint64
	Unsent           uint64                  // no connection, or larger than the broker takes
	ControlDropped   uint64                  // the protocol's messages beyond the inbox's bound
	ProposalsDropped uint64                  // clients' proposals beyond theirs
	SlowConsumer     uint64                  // times that nats.go dropped messages before the link saw them
	Refused          map[codec.Reason]uint64 // not decoded, by reason; nil where there are none
}

type counters struct {
	received, sent, unsent           atomic.Uint64
	controlDropped, proposalsDropped atomic.Uint64

	mutex   sync.Mutex // damaged messages are rare: what is rare may lock
	refused map[codec.Reason]uint64
}

func (c *counters) refuse(err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.refused == nil {
		c.refused = make(map[codec.Reason]uint64)
	}
	c.refused[reasonOf(err)]++
}

// Counts returns what became of messages so far.
func (l *Link) Counts() Counts {
	c := &l.counts
	c.mutex.Lock()
	refused := maps.Clone(c.refused)
	c.mutex.Unlock()
	return Counts{
		Received:         c.received.Load(),
		Sent:             c.sent.Load(),
		Unsent:           c.unsent.Load(),
		ControlDropped:   c.controlDropped.Load(),
		ProposalsDropped: c.proposalsDropped.Load(),
		SlowConsumer:     l.events.slow.Load(),
		Refused:          refused,
	}
}
