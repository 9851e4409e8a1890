package worker

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// published is a publisher that keeps what it is given.
type published struct {
	subjects []string
	data     []string
	headers  []nats.Header
}

func (p *published) Publish(subject string, data []byte) {
	p.PublishMsg(&nats.Msg{Subject: subject, Data: data})
}

func (p *published) PublishMsg(msg *nats.Msg) {
	p.subjects = append(p.subjects, msg.Subject)
	p.data = append(p.data, string(msg.Data)) // a copy, as nats.go makes one
	p.headers = append(p.headers, msg.Header)
}

func answering(t *testing.T) (*answers, *published) {
	t.Helper()
	subjects, err := codec.NewSubjects("", "main")
	if err != nil {
		t.Fatal(err)
	}
	out := &published{}
	return newAnswers("main", "p1", subjects, out), out
}

func TestPlainRequestsAreAnsweredInJSON(t *testing.T) {
	a, out := answering(t)
	reply := paxos.Reply{To: "_INBOX.x"}
	a.answer([]paxos.Outcome{
		{Reply: reply, Code: paxos.OutcomeChosen, Slot: 42},
		{Reply: reply, Code: paxos.OutcomeChosen, Slot: 7, Duplicate: true},
		{Reply: reply, Code: paxos.OutcomeNoLeader, Why: "no proposer leads"},
		{Reply: reply, Code: paxos.OutcomeOverloaded, Why: "full", Retry: 25},
		{Code: paxos.OutcomeChosen, Slot: 43}, // nobody asked
	})
	want := []string{
		`{"log":"main","slot":42}`,
		`{"log":"main","slot":7,"duplicate":true}`,
		`{"error":{"code":504,"description":"no proposer leads"}}`,
		`{"error":{"code":429,"description":"full","retry_after_ms":250}}`,
	}
	if !slices.Equal(out.data, want) {
		t.Errorf("answered %q, want %q", out.data, want)
	}
}

func TestErrorsAreInTheHeadersOfNATSServicesToo(t *testing.T) {
	a, out := answering(t)
	a.answer([]paxos.Outcome{{
		Reply: paxos.Reply{To: "_INBOX.x"}, Code: paxos.OutcomeOverloaded, Why: "two\r\nlines",
	}})
	if got := out.headers[0].Get("Nats-Service-Error-Code"); got != "429" {
		t.Errorf("the code in the header is %q, want 429", got)
	}
	if got := out.headers[0].Get("Nats-Service-Error"); got != "two  lines" {
		t.Errorf("the text in the header is %q: a header has one line", got)
	}
	if got, ok := out.headers[0]["Synod-Retry-After-Ms"]; ok {
		t.Errorf("a header tells to come back in %q although that is not known", got)
	}
	a.answer([]paxos.Outcome{{
		Reply: paxos.Reply{To: "_INBOX.x"}, Code: paxos.OutcomeOverloaded, Retry: 5,
	}})
	if got := out.headers[1].Get("Synod-Retry-After-Ms"); got != "50" {
		t.Errorf("a header tells to come back in %q ms, want 50", got)
	}
}

func TestEveryFailureSaysWhatToDo(t *testing.T) {
	for _, code := range []paxos.OutcomeCode{
		paxos.OutcomeOverloaded, paxos.OutcomeNoQuorum, paxos.OutcomeNoLeader, 599,
	} {
		a, out := answering(t)
		a.answer([]paxos.Outcome{{Reply: paxos.Reply{To: "_INBOX.x"}, Code: code}})
		if got := out.headers[0].Get("Nats-Service-Error"); got == "" {
			t.Errorf("code %d comes without words", code)
		}
	}
}

func TestOutcomesOfOneInstanceTravelTogether(t *testing.T) {
	a, out := answering(t)
	const one, two = "c1.0123456789abcdef", "c2.fedcba9876543210"
	chosen := func(to string, number uint64) paxos.Outcome {
		return paxos.Outcome{
			Reply: paxos.Reply{Client: true, To: to, Number: number},
			Code:  paxos.OutcomeChosen, Slot: paxos.Slot(100 + number),
		}
	}
	for range 2 { // the second time in memory used before
		a.answer([]paxos.Outcome{chosen(one, 1), chosen(two, 1), chosen(one, 2), chosen(one, 3)})
	}
	wantTo := []string{
		"synod.main.p.p1.outcome." + one, "synod.main.p.p1.outcome." + two,
		"synod.main.p.p1.outcome." + one, "synod.main.p.p1.outcome." + two,
	}
	if !slices.Equal(out.subjects, wantTo) {
		t.Fatalf("published to %q, want %q", out.subjects, wantTo)
	}
	for i, want := range [][]uint64{{1, 2, 3}, {1}, {1, 2, 3}, {1}} {
		requireNumbers(t, out.data[i], want)
	}
}

func TestVeryManyOutcomesTravelInSeveralMessages(t *testing.T) {
	a, out := answering(t)
	outcomes := make([]paxos.Outcome, 2*outcomesPerMessage+1)
	for i := range outcomes {
		outcomes[i] = paxos.Outcome{
			Reply: paxos.Reply{Client: true, To: "c1.0123456789abcdef", Number: uint64(i)},
			Code:  paxos.OutcomeChosen, Slot: paxos.Slot(i + 1),
		}
	}
	a.answer(outcomes)
	if len(out.data) != 3 {
		t.Fatalf("%d messages, want 3", len(out.data))
	}
	requireNumbers(t, out.data[2], []uint64{2 * outcomesPerMessage})
}

func TestInstancesAreForgotten(t *testing.T) {
	a, _ := answering(t)
	for i := range 2 * keptGroups {
		a.answer([]paxos.Outcome{{
			Reply: paxos.Reply{Client: true, To: fmt.Sprintf("c1.%016x", i)},
			Code:  paxos.OutcomeChosen, Slot: 1,
		}})
	}
	if len(a.groups) > keptGroups {
		t.Errorf("%d instances are remembered, at most %d may be", len(a.groups), keptGroups)
	}
}

func requireNumbers(t *testing.T, message string, want []uint64) {
	t.Helper()
	_, outcomes, err := codec.DecodeOutcomes([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for _, outcome := range outcomes {
		got = append(got, outcome.Reply.Number)
	}
	if !slices.Equal(got, want) {
		t.Errorf("a message has the outcomes of %v, want %v", got, want)
	}
}
