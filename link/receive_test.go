package link

import (
	"maps"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

func TestTheSenderIsTakenFromTheSubject(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		l, conn := w.open(w.options(), proposer1), w.connect()
		defer l.Close()
		defer conn.Close()
		w.publish(conn, "synod.main.a.a9.accepted.p1", codec.AppendMessage(nil, paxos.Tag{1}, vote(3).Body))
		arrived := l.inbox.Take(nil)
		if len(arrived) != 1 {
			w.t.Fatalf("%d messages arrived, want 1", len(arrived))
		}
		want := paxos.Address{Role: paxos.RoleAcceptor, ID: "a9"}
		if arrived[0].From != want || arrived[0].Tag != (paxos.Tag{1}) {
			w.t.Errorf("the message is from %v with tag %v, want %v and its own tag",
				arrived[0].From, arrived[0].Tag, want)
		}
	})
}

func TestWhatIsNoMessageIsDroppedAndCountedByItsReason(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		l, conn := w.open(w.options(), proposer1), w.connect()
		defer l.Close()
		defer conn.Close()
		valid := codec.AppendMessage(nil, paxos.Tag{}, vote(3).Body)
		const accepted = "synod.main.a.a1.accepted.p1"
		w.publish(conn, accepted, nil)
		w.publish(conn, accepted, valid[:len(valid)-1])
		w.publish(conn, accepted, append(append([]byte(nil), valid...), 0))
		w.publish(conn, "synod.main.p.p2.accept", valid) // a vote where accepts belong
		w.publish(conn, "synod.main.a.*.accepted.p1", valid)
		got := l.Counts().Refused
		want := map[codec.Reason]uint64{
			codec.ReasonTruncated: 2, codec.ReasonTrailing: 1, codec.ReasonVerb: 1, codec.ReasonSubject: 1,
		}
		if !maps.Equal(got, want) {
			w.t.Errorf("refused %v, want %v", got, want)
		}
		requireVotes(w.t, l)
	})
}

func TestAFloodOfProposalsDoesNotPushOutVotes(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		options := w.options()
		options.ProposalBytes = 64 << 10
		l := w.open(options, proposer1, admitAll)
		var told atomic.Uint64
		l.role.Overflow = func(_ *Link, proposal *paxos.Propose) { told.Add(uint64(len(proposal.Values))) }
		conn := w.connect()
		defer l.Close()
		defer conn.Close()
		const flood = 1000
		for range flood {
			if err := conn.Publish("synod.main.propose", make([]byte, 1<<10)); err != nil {
				w.t.Fatal(err)
			}
		}
		w.publish(conn, "synod.main.a.a1.accepted.p1", codec.AppendMessage(nil, paxos.Tag{}, vote(3).Body))
		var votes, proposals uint64
		for _, m := range l.inbox.Take(nil) {
			if _, ok := m.Body.(*paxos.Propose); ok {
				proposals++
			} else {
				votes++
			}
		}
		if votes != 1 || proposals == 0 || proposals >= 64 {
			w.t.Errorf("%d votes and %d proposals wait, want 1 and some that take less than 64 KiB",
				votes, proposals)
		}
		counts := l.Counts()
		if counts.ControlDropped != 0 {
			w.t.Errorf("%d messages of the protocol were dropped", counts.ControlDropped)
		}
		// What the callback did not get to see, nats.go dropped, and reported.
		if seen := counts.Received - 1; counts.ProposalsDropped != seen-proposals {
			w.t.Errorf("of %d proposals %d wait and %d were counted as dropped",
				seen, proposals, counts.ProposalsDropped)
		}
		if told.Load() != counts.ProposalsDropped || told.Load() == 0 {
			w.t.Errorf("of %d proposals that were dropped %d were told", counts.ProposalsDropped, told.Load())
		}
	})
}

func TestALibrarysProposalNamesItsInstance(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		l, conn := w.open(w.options(), proposer1, admitAll), w.connect()
		defer l.Close()
		defer conn.Close()
		const instance = "0123456789abcdef"
		w.publish(conn, "synod.main.c.c1.propose", codec.AppendMessage(nil, paxos.Tag{}, &paxos.Propose{
			Values: []paxos.Value{{Kind: paxos.KindValue, Data: []byte("red")}},
			Reply:  paxos.Reply{Client: true, To: "c1." + instance, Number: 5},
		}))
		arrived := l.inbox.Take(nil)
		if len(arrived) != 1 {
			w.t.Fatalf("%d messages arrived, want 1", len(arrived))
		}
		want := paxos.Reply{Client: true, To: "c1." + instance, Number: 5}
		if got := arrived[0].Body.(*paxos.Propose).Reply; got != want {
			w.t.Errorf("the outcome would go to %+v, want %+v", got, want)
		}
	})
}

func TestWhatAdmissionRefusesDoesNotReachTheRole(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		refuseAll := func(*Link, *nats.Msg, *paxos.Propose) *paxos.Propose { return nil }
		l, conn := w.open(w.options(), proposer1, refuseAll), w.connect()
		defer l.Close()
		defer conn.Close()
		w.publish(conn, "synod.main.propose", []byte("red"))
		synctest.Wait()
		requireVotes(w.t, l)
	})
}

func admitAll(_ *Link, msg *nats.Msg, library *paxos.Propose) *paxos.Propose {
	if library != nil {
		return library
	}
	return &paxos.Propose{Values: []paxos.Value{{Kind: paxos.KindValue, Data: msg.Data}}}
}
