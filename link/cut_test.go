package link

import (
	"fmt"
	"testing"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// runOf is a run of values of so many bytes each, from a slot on.
func runOf(first paxos.Slot, sizes ...int) paxos.Run {
	run := paxos.Run{First: first}
	for _, size := range sizes {
		run.Values = append(run.Values, paxos.Value{Kind: paxos.KindValue, Data: make([]byte, size)})
	}
	return run
}

func TestAnAcceptTooLargeForTheBrokerTravelsInPartsThatProposeTheSame(t *testing.T) {
	inBubble(t, broker.Options{MaxPayload: 64 << 10}, func(w *world) {
		from, to := w.open(w.options(), proposer1), w.open(w.options(), learner1)
		defer from.Close()
		defer to.Close()
		run := runOf(7, 50_000, 10, 60_000, 3_000, 3_000, 40_000, 63_000, 1)
		from.NewSender().Send(paxos.Message{From: proposer1,
			Body: &paxos.Accept{Ballot: ballot1, Run: run, Chosen: 5}})
		w.settle(from.conn)
		next := run.First
		for _, message := range to.inbox.Take(nil) {
			part, ok := message.Body.(*paxos.Accept)
			if !ok || part.Ballot != ballot1 || part.Chosen != 5 || part.Run.First != next {
				t.Fatalf("heard %v from slot %d, want an accept from slot %d", message, part.Run.First, next)
			}
			for i, value := range part.Run.Values {
				if !value.Equal(run.At(next + paxos.Slot(i))) {
					t.Errorf("slot %d has another value", next+paxos.Slot(i))
				}
			}
			next = part.Run.Last() + 1
		}
		if next != run.Last()+1 {
			t.Errorf("heard what was proposed below slot %d, want through %d", next, run.Last())
		}
		if counts := from.Counts(); counts.Unsent != 0 {
			t.Errorf("%d messages were not sent", counts.Unsent)
		}
	})
}

func TestAPageTooLargeForTheBrokerEndsSooner(t *testing.T) {
	older := paxos.Ballot{Round: 1, Proposer: "p1"}
	promise := &paxos.Promise{Ballot: ballot1, First: 3, Last: 0, Proposals: []paxos.Proposal{
		{Ballot: older, Run: runOf(4, 10_000, 20_000)}, {Ballot: ballot1, Run: runOf(9, 10, 20, 40_000)},
	}}
	const most = 60_000
	for message := (paxos.Message{Body: promise}); ; {
		parts := cut(message)
		if len(parts) != 1 {
			t.Fatalf("a promise was cut into %d messages", len(parts))
		}
		message = parts[0]
		if len(codec.AppendMessage(nil, message.Tag, message.Body)) <= most {
			promise = message.Body.(*paxos.Promise)
			break
		}
	}
	if got, want := fmt.Sprint(spansOf(promise), promise.First, promise.Last), "[4-5 9-10] 3 10"; got != want {
		t.Errorf("the page is %s, want %s", got, want)
	}
	settled := &paxos.Settled{Run: runOf(1, 10, 10, 10, 10), Through: 9}
	part := cut(paxos.Message{Body: settled})[0].Body.(*paxos.Settled)
	if got, want := part.Run.Span(), (paxos.Span{First: 1, Last: 2}); got != want || part.Through != 9 {
		t.Errorf("the page of settled values has slots %v of %d, want %v of 9", got, part.Through, want)
	}
}

func spansOf(promise *paxos.Promise) []paxos.Span {
	var spans []paxos.Span
	for _, proposal := range promise.Proposals {
		spans = append(spans, proposal.Run.Span())
	}
	return spans
}

func TestOneValueIsNotCut(t *testing.T) {
	one := runOf(7, 100)
	for _, body := range []paxos.Body{
		&paxos.Accept{Run: one}, &paxos.Accept{}, &paxos.Settled{Run: one}, &paxos.Settled{}, &paxos.Hello{},
		&paxos.Promise{Proposals: []paxos.Proposal{{Run: one}}}, &paxos.Promise{},
	} {
		if parts := cut(paxos.Message{Body: body}); len(parts) > 0 {
			t.Errorf("%v was cut into %v", body, parts)
		}
	}
}
