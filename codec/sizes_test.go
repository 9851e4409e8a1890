package codec

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
)

// checkBothWays holds a sample against the library and the decoder.
func checkBothWays(t *testing.T, s sample) {
	t.Helper()
	data := s.append(nil)
	if want := libraryBytes(t, s.fields(sampleTag)); !bytes.Equal(data, want) {
		t.Fatalf("%s: got %d bytes %.40x…, the library writes %d %.40x…",
			s.name, len(data), data, len(want), want)
	}
	decoded, tag, err := s.decode(data)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	if tag != sampleTag || !reflect.DeepEqual(decoded.fields(tag), s.fields(tag)) {
		t.Fatalf("%s: something else was decoded", s.name)
	}
}

// The sizes at which msgpack changes its form, from both sides.
func TestLengthsTakeTheShortestForm(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536} {
		long := strings.Repeat("x", n)
		run := paxos.Run{First: 1, Values: []paxos.Value{{Kind: paxos.KindValue, Data: []byte(long)}}}
		checkBothWays(t, sample{name: "data", body: &paxos.Accept{Ballot: sampleBallot, Run: run}})
		checkBothWays(t, sample{name: "why", outcomes: []paxos.Outcome{
			{Code: paxos.OutcomeNoLeader, Why: long},
		}})
		if n == 0 {
			continue
		}
		headers := []paxos.Header{{Name: long, Value: long}}
		value := paxos.Value{Kind: paxos.KindValue, Headers: headers}
		run = paxos.Run{First: 1, Values: []paxos.Value{value}}
		checkBothWays(t, sample{name: "header", record: &paxos.RepairedRecord{Run: run}})
		many := paxos.Run{First: 1, Values: make([]paxos.Value, n)}
		checkBothWays(t, sample{name: "values", record: &paxos.RepairedRecord{Run: many}})
		heard := make([]paxos.Heard, n)
		for i := range heard {
			heard[i].Acceptor = "a"
		}
		checkBothWays(t, sample{name: "heard", body: &paxos.Hello{Heard: heard}})
	}
}

// Lists are refused that cannot be there. These can, just.
func TestTheLeastElementsFit(t *testing.T) {
	const count = 100 // more than the bytes that follow the list
	promise := &paxos.Promise{Ballot: sampleBallot, First: 1}
	var outcomes []paxos.Outcome
	for range count {
		promise.Proposals = append(promise.Proposals, paxos.Proposal{
			Ballot: paxos.Ballot{Proposer: "p"}, Run: paxos.Run{First: 1, Values: []paxos.Value{{}}},
		})
		outcomes = append(outcomes, paxos.Outcome{Code: paxos.OutcomeChosen, Slot: 1})
	}
	checkBothWays(t, sample{name: "proposals", body: promise})
	checkBothWays(t, sample{name: "outcomes", outcomes: outcomes})
	var most paxos.Membership
	for id := 'A'; len(most.Members) < paxos.MaxMembers; id++ {
		if isID(string(id)) {
			most.Members = append(most.Members, paxos.Member{ID: string(id)})
		}
	}
	checkBothWays(t, sample{name: "members", record: &paxos.AdoptedRecord{Membership: most}})
}

func TestEveryEmptySpanIsWrittenAlike(t *testing.T) {
	vote := func(s paxos.Span) []byte {
		return AppendMessage(nil, sampleTag, &paxos.Accepted{Ballot: sampleBallot, Span: s})
	}
	want := vote(paxos.Span{})
	for _, span := range []paxos.Span{{First: 5, Last: 4}, {Last: 4}, {First: 5}} {
		if got := vote(span); !bytes.Equal(got, want) {
			t.Errorf("%+v: got %x, want %x", span, got, want)
		}
	}
}

func TestNumbersTakeTheShortestForm(t *testing.T) {
	for bits := range 63 {
		for _, n := range []uint64{1<<bits - 1, 1 << bits} {
			checkBothWays(t, sample{name: "slot", record: &paxos.SettledRecord{Through: paxos.Slot(n)}})
			checkBothWays(t, sample{name: "boot", record: &paxos.BootRecord{Boot: n, Began: n}})
		}
	}
}

func TestDecodedBytesAreThoseOfTheInput(t *testing.T) {
	data := AppendRecord(nil, &paxos.RepairedRecord{Run: sampleRun})
	record, err := DecodeRecord(data)
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(data)
	for _, v := range record.(*paxos.RepairedRecord).Run.Values {
		_ = append(v.Data, "must not reach what follows in the input"...)
	}
	if !bytes.Equal(data, before) {
		t.Error("appending to a value writes into its neighbour")
	}
	at := bytes.Index(data, []byte("blue"))
	data[at] = 'g'
	if got := record.(*paxos.RepairedRecord).Run.Values[2].String(); got != "glue" {
		t.Errorf("got %q: the value was copied", got)
	}
}

func TestIDsDoNotKeepTheInput(t *testing.T) {
	data := AppendMessage(nil, sampleTag, &paxos.Stop{Ballot: sampleBallot})
	_, body, err := DecodeMessage(data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data)
	if got := body.(*paxos.Stop).Ballot.Proposer; got != sampleBallot.Proposer {
		t.Errorf("got %q, want %q", got, sampleBallot.Proposer)
	}
}

func TestAPageOfIDsHasNothingElse(t *testing.T) {
	page := &paxos.Settled{Run: sampleRun, Through: 70000, IDsOnly: true}
	_, body, err := DecodeMessage(AppendMessage(nil, sampleTag, page))
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range body.(*paxos.Settled).Run.Values {
		want := paxos.Value{Kind: sampleValues[i].Kind, ID: sampleValues[i].ID}
		if !got.Equal(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestNoValueTakesMoreThanItsSize(t *testing.T) {
	for _, v := range append(sampleValues, paxos.Value{
		Kind: paxos.KindValue, ID: paxos.ClientID("x"), Data: make([]byte, 1<<20),
		Headers: []paxos.Header{{Name: strings.Repeat("n", 300), Value: strings.Repeat("v", 300)}},
	}) {
		if got := len(appendValue(nil, &v)); got > v.Size() {
			t.Errorf("%v: %d bytes, more than its size of %d", v, got, v.Size())
		}
	}
}
