package worker

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

const most = 1 << 20 // bytes, for values

func judging(t *testing.T) *admission {
	t.Helper()
	subjects, err := codec.NewSubjects("", "main")
	if err != nil {
		t.Fatal(err)
	}
	return &admission{log: "main", proposer: "p1", subjects: subjects}
}

func TestAProposalIsKnownByTheIDItCameWithElseByItsReply(t *testing.T) {
	data := []byte("red")
	given := nats.Header{"Nats-Msg-Id": {"order-7"}}
	for _, c := range []struct {
		name  string
		msg   nats.Msg
		id    paxos.ID
		reply string
	}{
		{"an id", nats.Msg{Header: given, Reply: "_INBOX.x"}, paxos.ClientID("order-7"), "_INBOX.x"},
		{"an id, nobody to answer", nats.Msg{Header: given}, paxos.ClientID("order-7"), ""},
		{
			"an id in another letter case", nats.Msg{Header: nats.Header{"nats-msg-id": {"order-7"}}},
			paxos.ClientID("order-7"), "",
		},
		{"a reply", nats.Msg{Reply: "_INBOX.x"}, paxos.ReplyID("_INBOX.x", data), "_INBOX.x"},
		{"neither", nats.Msg{}, paxos.ID{}, ""},
		{"a reply to the system", nats.Msg{Reply: "$SYS.REQ.x"}, paxos.ID{}, ""},
		{"a reply to a worker", nats.Msg{Reply: "synod.main.a.a1.accepted.p1"}, paxos.ID{}, ""},
		{"a reply to the prefix", nats.Msg{Reply: "synod"}, paxos.ID{}, ""},
		{
			"a reply that looks like the prefix", nats.Msg{Reply: "synodal.x"},
			paxos.ReplyID("synodal.x", data), "synodal.x",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.msg.Data = data
			proposal, refused := judging(t).judgePlain(&c.msg, most)
			if refused != (refusal{}) {
				t.Fatalf("refused: %s", refused.why)
			}
			if got := proposal.Values[0]; got.ID != c.id || string(got.Data) != "red" || got.Time == 0 {
				t.Errorf("the value is %+v, want id %v, the payload and a time", got, c.id)
			}
			if want := (paxos.Reply{To: c.reply}); proposal.Reply != want {
				t.Errorf("the outcome goes to %+v, want %+v", proposal.Reply, want)
			}
		})
	}
}

func TestAnEmptyPayloadIsAValue(t *testing.T) {
	proposal, refused := judging(t).judgePlain(&nats.Msg{Reply: "_INBOX.x"}, most)
	if refused != (refusal{}) || len(proposal.Values) != 1 || proposal.Values[0].Kind != paxos.KindValue {
		t.Errorf("an empty payload became %+v, refused: %q", proposal, refused.why)
	}
}

func TestOnlyTheProposalsOwnHeadersStay(t *testing.T) {
	msg := &nats.Msg{Header: nats.Header{
		"Trace": {"2", "1"}, "Content-Type": {"text/plain"}, "Statuses": {"ok"},
		"Nats-Msg-Id": {"x"}, "NATS-Trace-Dest": {"x"}, "nats-rollup": {"all"},
		"Synod-Slot": {"1"}, "sYNOD-status": {"end"},
		"Status": {"503"}, "status": {"100"}, "Description": {"x"}, "DESCRIPTION": {"x"},
		"not a token": {"x"}, "": {"x"}, "colon:": {"x"}, "ümlaut": {"x"},
	}}
	want := []paxos.Header{
		{Name: "Content-Type", Value: "text/plain"}, {Name: "Statuses", Value: "ok"},
		{Name: "Trace", Value: "2"}, {Name: "Trace", Value: "1"},
	}
	proposal, refused := judging(t).judgePlain(msg, most)
	if refused != (refusal{}) {
		t.Fatalf("refused: %s", refused.why)
	}
	if got := proposal.Values[0].Headers; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}

	library := &paxos.Propose{Values: []paxos.Value{{Kind: paxos.KindValue, Headers: []paxos.Header{
		{Name: "Synod-Kind", Value: "noop"}, {Name: "Trace", Value: "1"}, {Name: "status", Value: "503"},
	}}}}
	if refused := judgeLibrary(library, most); refused != (refusal{}) {
		t.Fatalf("refused: %s", refused.why)
	}
	if got, want := library.Values[0].Headers, (want[3:]); !slices.Equal(got, want) {
		t.Errorf("of a library's headers %v stayed, want %v", got, want)
	}
}

func TestAValueIsTakenUpToTheBoundHeadersCounted(t *testing.T) {
	const most = 1000
	header := nats.Header{"Trace": {"123"}} // 5 + 3 + 8 bytes
	for _, c := range []struct {
		size   int
		header nats.Header
		want   paxos.OutcomeCode
	}{
		{most, nil, 0}, {most + 1, nil, codeTooLarge},
		{most - 16, header, 0}, {most - 15, header, codeTooLarge},
		{most, nats.Header{"Nats-Msg-Id": {"dropped headers weigh nothing"}}, 0},
	} {
		msg := &nats.Msg{Data: make([]byte, c.size), Header: c.header}
		proposal, refused := judging(t).judgePlain(msg, most)
		if refused.code != c.want {
			t.Errorf("%d bytes with headers %v: %+v, want code %d", c.size, c.header, refused, c.want)
		}
		if refused := judgeLibrary(proposal, most); refused.code != c.want {
			t.Errorf("%d bytes from a library: %+v, want code %d", c.size, refused, c.want)
		}
	}
}

func TestAnIDThatCannotBeOneIsABadRequest(t *testing.T) {
	for name, header := range map[string]nats.Header{
		"too long":       {"Nats-Msg-Id": {strings.Repeat("x", maxGivenID+1)}},
		"two":            {"Nats-Msg-Id": {"a", "b"}},
		"two, by letter": {"Nats-Msg-Id": {"a"}, "nats-msg-id": {"b"}},
	} {
		msg := &nats.Msg{Header: header, Reply: "_INBOX.x"}
		proposal, refused := judging(t).judgePlain(msg, most)
		if refused.code != codeBadRequest || refused.why == "" {
			t.Errorf("%s: %+v, want a bad request and why", name, refused)
		}
		outcomes := refused.outcomes(proposal)
		if len(outcomes) != 1 || outcomes[0].Reply.To != "_INBOX.x" || outcomes[0].Code != codeBadRequest {
			t.Errorf("%s: the answer is %+v", name, outcomes)
		}
	}
	msg := &nats.Msg{Header: nats.Header{"Nats-Msg-Id": {strings.Repeat("x", maxGivenID)}}}
	if _, refused := judging(t).judgePlain(msg, most); refused != (refusal{}) {
		t.Errorf("an id of the longest kind is refused: %s", refused.why)
	}
}

func TestALibrarysBadProposalIsRefusedValueByValue(t *testing.T) {
	proposal := &paxos.Propose{
		Values: []paxos.Value{
			{Kind: paxos.KindValue},
			{Kind: paxos.KindValue, ID: paxos.ReplyID("_INBOX.x", nil)},
		},
		Reply: paxos.Reply{Client: true, To: "c1.0123456789abcdef", Number: 9},
	}
	refused := judgeLibrary(proposal, most)
	if refused.code != codeBadRequest {
		t.Fatalf("an id made of a reply was taken from a library: %+v", refused)
	}
	outcomes := refused.outcomes(proposal)
	if len(outcomes) != 2 || outcomes[0].Reply.Number != 9 || outcomes[1].Reply.Number != 10 {
		t.Errorf("the outcomes are %+v, want one for number 9 and one for 10", outcomes)
	}
}

func TestWhatIsDroppedIsAnsweredByTheLeaderAloneAndWhereSomebodyAsks(t *testing.T) {
	a := judging(t)
	proposal := &paxos.Propose{
		Values: make([]paxos.Value, 3), Reply: paxos.Reply{Client: true, To: "c1.0123456789abcdef", Number: 9},
	}
	if got := a.overflowing(proposal); len(got) > 0 {
		t.Errorf("a standby answers %+v", got)
	}
	a.retry.Store(20)
	want := paxos.Outcome{Reply: proposal.Reply, More: 2, Code: paxos.OutcomeOverloaded, Retry: 20}
	got := a.overflowing(proposal)
	if len(got) != 1 || got[0].Why == "" {
		t.Fatalf("the leader answers %+v", got)
	}
	if want.Why = got[0].Why; got[0] != want {
		t.Errorf("the leader answers %+v, want %+v", got[0], want)
	}
	proposal.Reply = paxos.Reply{}
	if got := a.overflowing(proposal); len(got) > 0 {
		t.Errorf("nobody is answered %+v", got)
	}
}
