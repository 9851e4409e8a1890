package e2e

import (
	"fmt"
	"strings"

	"github.com/synod-log/synod/paxos"
)

// refusedValue has an id that no client library gives.
var refusedValue = paxos.Value{Kind: paxos.KindValue, ID: paxos.ReplyID("x", nil), Data: []byte("refused")}

// refusedProposal is one that no proposer takes: too large, by its bytes or its headers, or with an id that
// is none. It is seldom large.
func (s *stranger) refusedProposal() letter {
	l := letter{subject: "synod.main.propose", data: []byte("refused")}
	switch s.random.IntN(100) {
	case 0:
		l.data = make([]byte, 1<<20-4<<10)
	case 1:
		l.headers = strings.Repeat("X-Large: "+strings.Repeat("y", 1000)+"\r\n", 1030)
	case 2, 3:
		l.headers = "nats-msg-id: one\r\nNats-Msg-Id: two\r\n"
	case 4, 5, 6:
		return s.packed("c.c9.propose", &paxos.Propose{Values: []paxos.Value{refusedValue}})
	default:
		l.headers = "Nats-Msg-Id: " + strings.Repeat("i", 257+s.random.IntN(500)) + "\r\n"
	}
	return l
}

// oddReply is a proposal that is taken, with headers that are odd and a reply subject that nobody may be
// answered on. It is not one time in twenty.
func (s *stranger) oddReply() letter {
	if s.random.IntN(20) > 0 {
		return s.refusedProposal()
	}
	value := fmt.Sprintf("stranger.%d", len(s.proposed))
	s.proposed = append(s.proposed, Request{Value: value, Err: "sent by a stranger"})
	return letter{
		subject: "synod.main.propose", data: []byte(value),
		reply: s.one("$stranger.x", "synod.main.stranger", "synod.main.p.p9.stop", "synod.stranger",
			"*.stranger"),
		headers: s.one("Status: 503\r\n", "Nats-Expected-Stream: x\r\n", "\x01: y\r\n",
			"Synod-Slot: 7\r\n", "X:\xff\r\n", ": \r\n"),
	}
}
