package client_test

import (
	"context"
	"testing"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"

	"github.com/nats-io/nats.go"
)

// mostAllocations is how many a small value may cost where many are proposed together: the client's, the
// broker's and the proposer's for a whole message, spread over what is in it. One per value would exceed it.
const mostAllocations = 0.5

func TestManyValuesCostNoAllocationEach(t *testing.T) {
	c := startAnswered(t)
	const count = 4000
	value := make([]byte, 16)
	proposals := make([]client.Proposal, count)
	for i := range proposals {
		proposals[i].Value = value
	}
	pending := make([]*client.Pending, count)
	pipelined := func(ctx context.Context) {
		var err error
		for i := range pending {
			if pending[i], err = c.Go(ctx, proposals[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range pending {
			if _, err := p.Result(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, propose := range map[string]func(){
		"Go":                             func() { pipelined(context.Background()) },
		"Go with a context that may end": func() { pipelined(t.Context()) },
		"ProposeAll": func() {
			if _, err := c.ProposeAll(t.Context(), proposals); err != nil {
				t.Fatal(err)
			}
		},
	} {
		if got := testing.AllocsPerRun(5, propose) / count; got > mostAllocations {
			t.Errorf("%s: a value costs %.2f allocations; at most %.2f are allowed", name, got, mostAllocations)
		}
	}
}

func BenchmarkGo(b *testing.B) {
	c := startAnswered(b)
	value := make([]byte, 16)
	pending := make(chan *client.Pending, 8<<10)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		defer close(pending)
		for range b.N {
			p, err := c.Go(context.Background(), client.Proposal{Value: value})
			if err != nil {
				b.Error(err)
				return
			}
			pending <- p
		}
	}()
	for p := range pending {
		if _, err := p.Result(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProposeAll(b *testing.B) {
	c := startAnswered(b)
	proposals := make([]client.Proposal, 4000)
	for i := range proposals {
		proposals[i].Value = make([]byte, 16)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += len(proposals) {
		if _, err := c.ProposeAll(context.Background(), proposals[:min(len(proposals), b.N-done)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProposeByManyGoroutines(b *testing.B) {
	c := startAnswered(b)
	value := make([]byte, 16)
	b.SetParallelism(64)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Propose(context.Background(), client.Proposal{Value: value}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// startAnswered returns a client whose messages are answered at once, each with one outcome, as by a leader
// whose log nobody else writes to.
func startAnswered(t testing.TB) *client.Client {
	t.Helper()
	started, err := broker.Start(broker.Options{InProcess: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Shutdown)
	connected := func() *nats.Conn {
		conn, err := nats.Connect(started.URL(), nats.InProcessServer(started))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		return conn
	}
	answer(t, connected())
	c, err := client.New(connected(), "main", client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func answer(t testing.TB, proposer *nats.Conn) {
	subjects, err := codec.NewSubjects("", "main")
	if err != nil {
		t.Fatal(err)
	}
	next := paxos.Slot(1)
	_, err = proposer.Subscribe("synod.main.c.*.propose", func(msg *nats.Msg) {
		decoded, err := subjects.Decode(msg.Subject, msg.Data)
		if err != nil {
			t.Errorf("a message cannot be read: %v", err)
			return
		}
		propose := decoded.Body.(*paxos.Propose)
		outcome := paxos.Outcome{
			Reply: propose.Reply, More: len(propose.Values) - 1, Code: paxos.OutcomeChosen, Slot: next,
		}
		next += paxos.Slot(len(propose.Values))
		subject := "synod.main.p.p1.outcome." + propose.Reply.To
		_ = proposer.Publish(subject, codec.AppendOutcomes(nil, paxos.Tag{}, []paxos.Outcome{outcome}))
	})
	if err == nil {
		err = proposer.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
}
