package codec

import (
	"testing"

	"github.com/synod-log/synod/paxos"
)

func TestAllocationsToDecodeDoNotGrowWithTheValues(t *testing.T) {
	const want = 3 // the body, its values, the proposer's id
	for _, count := range []int{1, 100, 1000} {
		data := AppendMessage(nil, sampleTag, acceptOf(count))
		got := testing.AllocsPerRun(100, func() {
			if _, _, err := DecodeMessage(data); err != nil {
				t.Fatal(err)
			}
		})
		if got != want {
			t.Errorf("%d values: got %v allocations, want %d", count, got, want)
		}
	}
}

func TestEncodingIntoRoomAllocatesNothing(t *testing.T) {
	room := make([]byte, 0, 64<<10)
	for _, s := range append(ballotSamples(), runSamples()...) {
		if got := testing.AllocsPerRun(100, func() { s.append(room) }); got != 0 {
			t.Errorf("%s: got %v allocations, want none", s.name, got)
		}
	}
	hot := []paxos.Record{
		&paxos.PromisedRecord{Ballot: sampleBallot}, &paxos.SettledRecord{Through: 1},
		&paxos.RepairedRecord{Run: sampleRun},
		&paxos.AcceptedRecord{Proposal: paxos.Proposal{Ballot: sampleBallot, Run: sampleRun}},
	}
	for _, record := range hot {
		if got := testing.AllocsPerRun(100, func() { AppendRecord(room, record) }); got != 0 {
			t.Errorf("%T: got %v allocations, want none", record, got)
		}
	}
}

// hostile is bytes made to cost their receiver more than they cost their sender.
type hostile struct {
	name string
	data []byte
}

// hostileLists announce, or hold, as much as can be with few bytes: so many of each thing.
func hostileLists(count int) []hostile {
	noops := make([]paxos.Value, count)
	outcomes := make([]paxos.Outcome, count)
	for i := range outcomes {
		outcomes[i] = paxos.Outcome{Code: paxos.OutcomeChosen, Slot: 1}
	}
	named := paxos.Value{Kind: paxos.KindValue}
	for range count {
		named.Headers = append(named.Headers, paxos.Header{Name: "x"})
	}
	ballot := wantBallot(paxos.Ballot{Proposer: "p"})
	proposal := tree{ballot, u(1), wantValues(noops[:1])}
	proposals := make(tree, count/4)
	for i := range proposals {
		proposals[i] = proposal
	}
	accept := func(values ...paxos.Value) []byte {
		return AppendMessage(nil, sampleTag, &paxos.Accept{
			Ballot: sampleBallot, Run: paxos.Run{First: 1, Values: values},
		})
	}
	promise := appendTree(nil, message(2, ballot, u(0), u(0), u(0), u(1), u(0), proposals))
	list := []hostile{
		{"no-ops", accept(noops...)},
		{"headers", accept(named)},
		{"proposals", promise},
		{"outcomes", AppendOutcomes(nil, sampleTag, outcomes)},
		{"a list of 2^32 values", append(accept()[:len(accept())-1], array32, 0xff, 0xff, 0xff, 0xff)},
		{"a tag of 2^32 bytes", []byte{0x94, 1, 6, bin32, 0xff, 0xff, 0xff, 0xff}},
	}
	return append(list, hostile{"lists within lists", nestedLists(count)})
}

// nestedLists announces proposals, values and headers, each of them as many as most of the bytes that
// follow could hold, were they its own.
func nestedLists(bytes int) []byte {
	most := bytes * 8 / 10
	data := appendTree(nil, message(2, wantBallot(sampleBallot), u(0), u(0), u(0), u(1), u(0)))
	data[0] = fixArray | 10
	data = appendArray(data, most/leastProposal)
	data = appendBallot(appendArray(data, 3), sampleBallot)
	data = appendArray(appendUint(data, u(1)), most/leastValue)
	value := appendValue(nil, &paxos.Value{Kind: paxos.KindValue})
	value[0] = fixArray | 5
	data = appendArray(append(data, value...), most/leastHeader)
	return append(data, make([]byte, bytes)...)
}

func TestWhatIsAllocatedIsBoundedByWhatArrives(t *testing.T) {
	for _, h := range hostileLists(20_000) {
		t.Run(h.name, func(t *testing.T) {
			for cut := range 4 {
				data := h.data[:len(h.data)-cut*len(h.data)/5]
				checkAllocates(t, boundFor(data, 8), func() { _, _, _ = DecodeMessage(data) })
				checkAllocates(t, boundFor(data, 12), func() { _, _, _ = DecodeOutcomes(data) })
			}
		})
	}
}

func acceptOf(count int) *paxos.Accept {
	values := make([]paxos.Value, count)
	for i := range values {
		values[i] = paxos.Value{
			Kind: paxos.KindValue, ID: paxos.ClientID("x"), Time: sampleTime, Data: make([]byte, 16),
		}
	}
	return &paxos.Accept{Ballot: sampleBallot, Run: paxos.Run{First: 1 << 20, Values: values}}
}
