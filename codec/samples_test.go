package codec

import (
	"strings"

	"github.com/synod-log/synod/paxos"
)

// sample is a message, a record or outcomes, and what the library has to see in its bytes. The trees are
// written down here a second time, apart from what encodes, so that each checks the other.
type sample struct {
	name     string
	body     paxos.Body
	record   paxos.Record
	outcomes []paxos.Outcome
	tree     tree
}

var (
	sampleTag    = paxos.Tag{0x7f, 1, 2, 3, 4, 5, 6, 0xff}
	sampleStart  = paxos.Nonce{0xaa, 1, 2, 3, 4, 5, 6, 0xbb}
	sampleStore  = paxos.StoreID{0x7f, 0x3a, 0x0c, 0x11, 15: 0xee}
	sampleBallot = paxos.Ballot{Round: 300, Proposer: "p1", Start: sampleStart}
	sampleOlder  = paxos.Ballot{Round: 7, Proposer: "proposer-with-a-name-of-32-bytes", Start: sampleStart}

	sampleTime  = int64(1_700_000_000_123_456)
	plainValue  = paxos.Value{Kind: paxos.KindValue, Time: sampleTime, Data: []byte("red")}
	clientValue = paxos.Value{
		Kind: paxos.KindValue, ID: paxos.ClientID("order-7"), Time: sampleTime, Data: []byte("blue"),
	}
	replyValue   = paxos.Value{Kind: paxos.KindValue, ID: paxos.ReplyID("_INBOX.x", nil), Time: -1}
	headersValue = paxos.Value{
		Kind: paxos.KindValue, Time: sampleTime, Data: []byte(strings.Repeat("x", 256)),
		Headers: []paxos.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "x", Value: "\xff"}},
	}
	sampleValues = []paxos.Value{paxos.Noop(), plainValue, clientValue, replyValue, headersValue}
	sampleRun    = paxos.Run{First: 65536, Values: sampleValues}

	sampleMembership = paxos.Membership{Epoch: 1, Members: []paxos.Member{
		{ID: "a1", Store: sampleStore}, {ID: "a2"}, {ID: "a3"},
	}}
)

func samples() []sample {
	return append(append(append(ballotSamples(), runSamples()...), helloSamples()...), recordSamples()...)
}

func ballotSamples() []sample {
	b, older := wantBallot(sampleBallot), wantBallot(sampleOlder)
	return []sample{
		{name: "prepare", body: &paxos.Prepare{Ballot: sampleBallot, First: 1}, tree: message(1, b, u(1))},
		{name: "accepted", body: &paxos.Accepted{
			Ballot: sampleBallot, Boot: 3, Sequence: 1 << 33, Span: paxos.Span{First: 127, Last: 128},
		}, tree: message(4, b, u(3), u(1<<33), u(127), u(128))},
		{name: "accepted nothing", body: &paxos.Accepted{Ballot: sampleBallot, Boot: 1, Sequence: 2},
			tree: message(4, b, u(1), u(2), u(0), u(0))},
		{name: "chosen", body: &paxos.Chosen{Ballot: sampleBallot, Through: 1 << 20},
			tree: message(12, b, u(1<<20))},
		{name: "preempted", body: &paxos.Preempted{Ballot: sampleOlder, By: sampleBallot},
			tree: message(5, older, b)},
		{name: "stop", body: &paxos.Stop{Ballot: sampleBallot}, tree: message(6, b)},
		{name: "pull", body: &paxos.Pull{First: 1 << 16}, tree: message(7, u(1<<16), false)},
		{name: "pull ids", body: &paxos.Pull{First: paxos.MaxSlot, IDsOnly: true},
			tree: message(7, u(MaxNumber), true)},
	}
}

func runSamples() []sample {
	b, older := wantBallot(sampleBallot), wantBallot(sampleOlder)
	ids := paxos.Run{First: 9, Values: []paxos.Value{
		paxos.Noop(), {Kind: paxos.KindValue}, {Kind: paxos.KindValue, ID: paxos.ClientID("order-7")},
	}}
	reply := paxos.Reply{Client: true, To: "0011223344aabbff", Number: 70000}
	instance := []byte{0, 0x11, 0x22, 0x33, 0x44, 0xaa, 0xbb, 0xff}
	return []sample{
		{name: "promise", body: &paxos.Promise{
			Ballot: sampleBallot, Boot: 3, Sequence: 90, Settled: 5, First: 1, Last: 70000,
			Proposals: []paxos.Proposal{
				{Ballot: sampleOlder, Run: sampleRun},
				{Ballot: sampleBallot, Run: paxos.Run{First: 1, Values: sampleValues[:1]}},
			},
		}, tree: message(2, b, u(3), u(90), u(5), u(1), u(70000), tree{
			tree{older, u(65536), wantValues(sampleValues)},
			tree{b, u(1), wantValues(sampleValues[:1])},
		})},
		{name: "promise of nothing", body: &paxos.Promise{Ballot: sampleBallot, First: 1},
			tree: message(2, b, u(0), u(0), u(0), u(1), u(0), tree{})},
		{name: "accept", body: &paxos.Accept{Ballot: sampleBallot, Run: sampleRun, Chosen: 65535,
			Reached: []paxos.Reached{{Boot: 1, Sequence: 1 << 33}, {}, {Boot: 300, Sequence: 2}}},
			tree: message(14, b, u(65535), tree{tree{u(1), u(1 << 33)}, tree{u(0), u(0)}, tree{u(300), u(2)}},
				u(65536), wantValues(sampleValues))},
		{name: "heartbeat", body: &paxos.Accept{Ballot: sampleBallot, Chosen: 200},
			tree: message(14, b, u(200), tree{}, u(0), tree{})},
		{name: "settled", body: &paxos.Settled{Run: sampleRun, Through: 70000, Trimmed: 12},
			tree: message(8, u(70000), u(12), false, u(65536), wantValues(sampleValues))},
		{name: "settled ids", body: &paxos.Settled{Run: ids, Through: 11, IDsOnly: true},
			tree: message(8, u(11), u(0), true, u(9), wantValues(ids.Values))},
		{name: "settled nothing", body: &paxos.Settled{Run: paxos.Run{First: 12}, Through: 11},
			tree: message(8, u(11), u(0), false, u(12), tree{})},
		{name: "propose", body: &paxos.Propose{Values: sampleValues[1:], Reply: reply},
			tree: message(10, instance, u(70000), wantValues(sampleValues[1:]))},
		{name: "propose without reply", body: &paxos.Propose{Values: sampleValues[1:2]},
			tree: message(10, []byte{}, u(0), wantValues(sampleValues[1:2]))},
		{name: "outcomes", outcomes: []paxos.Outcome{
			{Reply: paxos.Reply{Number: 70000}, Code: paxos.OutcomeChosen, Slot: 42, Duplicate: true},
			{Reply: paxos.Reply{Number: 70001}, Code: paxos.OutcomeOverloaded, Why: "the queue is full", Retry: 200},
			{Reply: paxos.Reply{Number: 70002}, More: 300, Code: paxos.OutcomeChosen, Slot: 43},
		}, tree: message(13, tree{
			tree{u(70000), u(0), u(200), u(42), true, "", u(0)},
			tree{u(70001), u(0), u(429), u(0), false, "the queue is full", u(200)},
			tree{u(70002), u(300), u(200), u(43), false, "", u(0)},
		})},
	}
}

func helloSamples() []sample {
	process := []byte{1, 0, 0, 0, 0, 0, 0, 2}
	heard := []paxos.Heard{
		{Acceptor: "a1", Store: sampleStore, Boot: 2, Process: paxos.Nonce(process), Sequence: 600},
		{Acceptor: "a2", Boot: 1},
	}
	wantHeard := tree{
		tree{"a1", sampleStore[:], u(2), process, u(600)},
		tree{"a2", make([]byte, 16), u(1), make([]byte, 8), u(0)},
	}
	return []sample{
		{name: "hello of a proposer", body: &paxos.Hello{
			Process: paxos.Nonce(process), Heard: heard, Ballot: sampleBallot, Leading: true, Position: 41,
		}, tree: message(9, process, wantHeard, wantBallot(sampleBallot), true, false, u(41), u(0), tree{})},
		{name: "hello of a learner", body: &paxos.Hello{
			Process: paxos.Nonce(process), Heard: heard, Ballot: sampleBallot, Feeding: true, Position: 41,
		}, tree: message(9, process, wantHeard, wantBallot(sampleBallot), false, true, u(41), u(0), tree{})},
		{name: "hello of a founder", body: &paxos.Hello{Acceptor: &paxos.AcceptorHello{
			Store: sampleStore, Boot: 1, Sequence: 1, Began: []uint64{0}, Founders: []string{"a2", "a1"},
		}}, tree: message(9, make([]byte, 8), tree{}, tree{}, false, false, u(0), u(0), tree{
			sampleStore[:], u(1), u(1), tree{u(0)}, tree{"a2", "a1"}, tree{}, false,
		})},
		{name: "hello of an acceptor", body: &paxos.Hello{
			Heard: heard[:1], Ballot: sampleOlder, Position: 300, Highest: 310,
			Acceptor: &paxos.AcceptorHello{
				Store: sampleStore, Boot: 9, Sequence: 1 << 20, Began: []uint64{900, 80, 70, 60, 50, 40, 3, 2},
				Founders: []string{"a1", "a2", "a3"}, Membership: &sampleMembership, Free: true,
			},
		}, tree: message(9, make([]byte, 8), wantHeard[:1], wantBallot(sampleOlder), false, false, u(300), u(310),
			tree{
				sampleStore[:], u(9), u(1 << 20),
				tree{u(900), u(80), u(70), u(60), u(50), u(40), u(3), u(2)},
				tree{"a1", "a2", "a3"}, tree{u(1), wantMembers()}, true,
			})},
	}
}

func recordSamples() []sample {
	b := wantBallot(sampleBallot)
	return []sample{
		{name: "record boot", record: &paxos.BootRecord{Boot: 4, Began: 1000},
			tree: tree{u(1), u(1), u(4), u(1000)}},
		{name: "record adopted", record: &paxos.AdoptedRecord{Membership: sampleMembership},
			tree: tree{u(1), u(2), u(1), wantMembers()}},
		{name: "record free", record: &paxos.FreeRecord{}, tree: tree{u(1), u(3)}},
		{name: "record promised", record: &paxos.PromisedRecord{Ballot: sampleBallot},
			tree: tree{u(1), u(4), b}},
		{name: "record accepted", record: &paxos.AcceptedRecord{
			Proposal: paxos.Proposal{Ballot: sampleBallot, Run: sampleRun},
		}, tree: tree{u(1), u(5), b, u(65536), wantValues(sampleValues)}},
		{name: "record settled", record: &paxos.SettledRecord{Through: 77},
			tree: tree{u(1), u(6), u(77)}},
		{name: "record repaired", record: &paxos.RepairedRecord{Run: sampleRun},
			tree: tree{u(1), u(7), u(65536), wantValues(sampleValues)}},
	}
}

func u(n uint64) uint64 { return n }

func message(kind uint64, fields ...any) tree {
	return append(tree{u(1), kind, sampleTag[:]}, fields...)
}

func wantMembers() tree {
	return tree{
		tree{"a1", sampleStore[:]}, tree{"a2", make([]byte, 16)}, tree{"a3", make([]byte, 16)},
	}
}

func wantBallot(b paxos.Ballot) tree { return tree{b.Round, b.Proposer, b.Start[:]} }

func wantValues(values []paxos.Value) tree {
	list := make(tree, len(values))
	for i, v := range values {
		list[i] = wantValue(v)
	}
	return list
}

func wantValue(v paxos.Value) tree {
	time := make([]byte, 8)
	for i := range time {
		time[i] = byte(v.Time >> (56 - 8*i))
	}
	if v.Kind == paxos.KindNoop {
		return tree{u(0), time}
	}
	id := []byte{}
	if v.ID.Kind != paxos.IDNone {
		id = append([]byte{byte(v.ID.Kind)}, v.ID.Bytes[:]...)
	}
	want := tree{uint64(v.Kind), time, id, append([]byte{}, v.Data...)}
	if len(v.Headers) == 0 {
		return want
	}
	headers := make(tree, len(v.Headers))
	for i, h := range v.Headers {
		headers[i] = tree{h.Name, []byte(h.Value)}
	}
	return append(want, headers)
}

// append encodes the sample.
func (s sample) append(to []byte) []byte { return s.appendTagged(to, sampleTag) }

func (s sample) appendTagged(to []byte, tag paxos.Tag) []byte {
	switch {
	case s.body != nil:
		return AppendMessage(to, tag, s.body)
	case s.record != nil:
		return AppendRecord(to, s.record)
	}
	return AppendOutcomes(to, tag, s.outcomes)
}

// decode decodes what append made of a sample of the same sort.
func (s sample) decode(data []byte) (decoded sample, tag paxos.Tag, err error) {
	switch {
	case s.body != nil:
		tag, decoded.body, err = DecodeMessage(data)
	case s.record != nil:
		tag = sampleTag
		decoded.record, err = DecodeRecord(data)
	default:
		tag, decoded.outcomes, err = DecodeOutcomes(data)
	}
	return decoded, tag, err
}
