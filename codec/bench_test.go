package codec

import (
	"testing"

	"github.com/synod-log/synod/paxos"
)

// One operation is one value, of 16 bytes, in runs of a hundred.
func BenchmarkAppendAccept(b *testing.B) {
	accept := acceptOf(100)
	room := make([]byte, 0, 64<<10)
	b.ReportAllocs()
	for i := 0; i < b.N; i += 100 {
		room = AppendMessage(room[:0], sampleTag, accept)
	}
}

func BenchmarkDecodeAccept(b *testing.B) {
	data := AppendMessage(nil, sampleTag, acceptOf(100))
	b.ReportAllocs()
	for i := 0; i < b.N; i += 100 {
		if _, _, err := DecodeMessage(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodePropose(b *testing.B) {
	propose := &paxos.Propose{
		Values: acceptOf(100).Run.Values, Reply: paxos.Reply{Client: true, To: "0011223344aabbff"},
	}
	data := AppendMessage(nil, sampleTag, propose)
	b.ReportAllocs()
	for i := 0; i < b.N; i += 100 {
		if _, _, err := DecodeMessage(data); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is one outcome.
func BenchmarkDecodeOutcomes(b *testing.B) {
	outcomes := make([]paxos.Outcome, 100)
	for i := range outcomes {
		outcomes[i] = paxos.Outcome{
			Reply: paxos.Reply{Number: 1<<20 + uint64(i)}, Code: paxos.OutcomeChosen, Slot: 1 << 20,
		}
	}
	data := AppendOutcomes(nil, sampleTag, outcomes)
	b.ReportAllocs()
	for i := 0; i < b.N; i += 100 {
		if _, _, err := DecodeOutcomes(data); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is one message.
func BenchmarkAppendAccepted(b *testing.B) {
	body := &paxos.Accepted{
		Ballot: sampleBallot, Boot: 3, Sequence: 1 << 20, Span: paxos.Span{First: 1, Last: 9},
	}
	room := make([]byte, 0, 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		room = AppendMessage(room[:0], sampleTag, body)
	}
}

func BenchmarkDecodeAccepted(b *testing.B) {
	data := AppendMessage(nil, sampleTag, &paxos.Accepted{
		Ballot: sampleBallot, Boot: 3, Sequence: 1 << 20, Span: paxos.Span{First: 1, Last: 9},
	})
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := DecodeMessage(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendHello(b *testing.B) {
	hello := helloSamples()[2]
	room := make([]byte, 0, 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		room = hello.append(room[:0])
	}
}
