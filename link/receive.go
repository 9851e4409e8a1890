package link

import (
	"errors"
	"strings"
	"unsafe"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// isForProposals reports whether clients propose on a subject.
func (r *Role) isForProposals(subject string) bool {
	return strings.HasSuffix(subject, "."+string(codec.VerbPropose))
}

// receive puts a message that arrived into the inbox, or counts why it does not.
func (l *Link) receive(class int, msg *nats.Msg) {
	l.counts.received.Add(1)
	message, ok := l.read(class, msg)
	if !ok {
		return
	}
	if l.inbox.Put(class, message, weigh(msg, message.Body)) {
		return
	}
	if class != proposals {
		l.counts.controlDropped.Add(1)
		return
	}
	l.counts.proposalsDropped.Add(1)
	if propose, ok := message.Body.(*paxos.Propose); ok && l.role.Overflow != nil {
		l.role.Overflow(l, propose)
	}
}

// read makes a message for the role of what arrived. A raw proposal has no sender, and is what Admit
// makes of it.
func (l *Link) read(class int, msg *nats.Msg) (paxos.Message, bool) {
	if class == proposals && msg.Subject == l.role.Subjects.Propose() {
		return l.admitted(paxos.Message{}, msg, nil)
	}
	message, err := l.role.Subjects.Decode(msg.Subject, msg.Data)
	if err != nil {
		l.counts.refuse(err)
		return message, false
	}
	if propose, ok := message.Body.(*paxos.Propose); ok {
		return l.admitted(message, msg, propose)
	}
	return message, true
}

func (l *Link) admitted(message paxos.Message, msg *nats.Msg, library *paxos.Propose) (paxos.Message, bool) {
	propose := l.role.Admit(l, msg, library)
	if propose == nil {
		return message, false // whoever refused it has counted it
	}
	message.Body = propose
	return message, true
}

// weigh is about how much memory a message takes while it waits: its bytes, and what they were decoded
// into. Values alias the bytes, so that small ones weigh more decoded than on the wire.
func weigh(msg *nats.Msg, body paxos.Body) int {
	const perMessage = int(unsafe.Sizeof(nats.Msg{}) + unsafe.Sizeof(paxos.Message{}))
	const perValue = int(unsafe.Sizeof(paxos.Value{}))
	weight := perMessage + len(msg.Subject) + len(msg.Data)
	switch b := body.(type) {
	case *paxos.Propose:
		weight += perValue * len(b.Values)
	case *paxos.Accept:
		weight += perValue * len(b.Run.Values)
	case *paxos.Settled:
		weight += perValue * len(b.Run.Values)
	case *paxos.Promise:
		for i := range b.Proposals {
			weight += perValue * len(b.Proposals[i].Run.Values)
		}
	}
	return weight
}

// reasonOf is the word under which a refusal is counted.
func reasonOf(err error) codec.Reason {
	var refusal *codec.Error
	if errors.As(err, &refusal) {
		return refusal.Reason
	}
	return "other"
}
