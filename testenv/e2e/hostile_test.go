package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// mostMemory is more than any worker needs, in bytes, whatever it is sent: its inbox may hold 96 MiB, and
// garbage as much again.
const mostMemory = 512 << 20

var everybody = []string{"a1", "a2", "a3", "p1", "p2", "l1", "l2"}

func TestWhatStrangersSendIsCountedAndStopsNothing(t *testing.T) {
	c := startCluster(t)
	conn := c.connect()
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(50, patience)
	known := listen(t, conn, 500)
	forbidden := subscribe(t, conn, "$stranger.>", "synod.main.stranger.>", "synod.main.stranger",
		"synod.stranger", "synod.main.p.p9.stop")
	before, refused := droppedByAll(t, conn), c.refused(conn)

	s := newStranger(t, c.url, known)
	began := time.Now()
	const burst = 1000
	for range times(10_000, 100_000) / burst {
		for range burst {
			s.publish(letters[s.random.IntN(len(letters))](s))
		}
		s.flush()
		load.Progress(1, patience)
	}
	t.Logf("the stranger sent for %v", time.Since(began).Round(time.Millisecond))
	load.Progress(100, patience)
	history := load.Stop()
	requireAllAnswered(t, history)
	requireCounted(t, before, droppedByAll(t, conn))
	if now := c.refused(conn); now[0] <= refused[0] || now[1] <= refused[1] {
		t.Errorf("the proposers refused %v proposals, and %v before", now, refused)
	}
	c.requireFit(everybody)
	c.requireRight(append(history, s.proposed...))
	requireNoAnswers(t, forbidden, s)
}

func TestALogIsFoundedAndNewcomersStartWhileStrangersShout(t *testing.T) {
	c := newCluster(t)
	c.startBroker()
	ctx, stop := context.WithCancel(t.Context())
	var shouting sync.WaitGroup
	shouting.Go(func() { shout(ctx, t, c.url) })
	defer func() { stop(); shouting.Wait() }()
	for _, id := range everybody {
		c.start(id)
	}
	c.awaitLeader()
	load := StartLoad(t, "v", c.url, wait)
	load.Progress(50, patience)
	leader := c.awaitLeader()
	for _, id := range []string{leader, "a2", "l2"} {
		c.workers[id].Kill()
		c.start(id)
	}
	c.awaitStandby(leader)
	load.Progress(50, patience)
	history := load.Stop()
	requireAllAnswered(t, history)
	c.requireFit(everybody)
	c.requireRight(history)
}

// shout says hello as very many acceptors: they found the log with others, know its acceptors by other
// stores, or belong to another membership.
func shout(ctx context.Context, t *testing.T, url string) {
	conn, err := nats.Connect(url)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	random := rand.New(rand.NewPCG(1, 2))
	for ctx.Err() == nil {
		id := fmt.Sprint("x", random.IntN(300))
		store := paxos.StoreID{byte(random.IntN(256))}
		said := &paxos.AcceptorHello{Store: store, Boot: 1, Founders: []string{"a1", id}, Free: true}
		if random.IntN(2) == 0 {
			said.Membership = &paxos.Membership{Epoch: 1,
				Members: []paxos.Member{{ID: "a1", Store: store}, {ID: "a2", Store: store}, {ID: id, Store: store}}}
		}
		hello := &paxos.Hello{Process: paxos.Nonce{byte(random.Uint32()), 1}, Acceptor: said, Position: absurd}
		data := codec.AppendMessage(nil, paxos.Tag{}, hello)
		if err := conn.Publish("synod.main.a."+id+".hello", data); err != nil {
			t.Error(err)
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// requireFit checks that workers run, as they were started, and have not grown without bound.
func (c *cluster) requireFit(ids []string) {
	c.t.Helper()
	var most int64
	for _, id := range ids {
		if !c.workers[id].IsRunning() {
			c.t.Errorf("%s ended", id)
			continue
		}
		memory := c.workers[id].Memory()
		most = max(most, memory)
		if memory > mostMemory {
			c.t.Errorf("%s has %d MiB of memory", id, memory>>20)
		}
	}
	c.t.Logf("the largest worker has %d MiB of memory", most>>20)
}

// counted are the reasons that a stranger's messages are dropped for, by role. Each grows.
var counted = map[byte][]string{
	'a': {"sender", "round"},
	'p': {"sender", "boot", "round"},
	'l': {"sender", "round"},
}

// countedByAll are those that every role has.
var countedByAll = []string{
	"tag", "decode_truncated", "decode_trailing", "decode_type", "decode_arity", "decode_length",
	"decode_kind", "decode_version", "decode_subject", "decode_verb", "decode_form", "decode_range",
}

func requireCounted(t *testing.T, before, after map[string]map[string]uint64) {
	t.Helper()
	for id, counts := range after {
		for _, reason := range slices.Concat(countedByAll, counted[id[0]]) {
			if counts[reason] <= before[id][reason] {
				t.Errorf("%s dropped %d messages for %s, and %d before", id, counts[reason], reason, before[id][reason])
			}
		}
		t.Logf("%s dropped %v", id, counts)
	}
}

// refused are how many proposals p1 and p2 refused: each judges what it hears.
func (c *cluster) refused(conn *nats.Conn) (counts [2]uint64) {
	c.t.Helper()
	for i, id := range []string{"p1", "p2"} {
		var report worker.ProposerReport
		c.report(conn, id, &report)
		counts[i] = report.Refused
	}
	return counts
}

// droppedByAll asks every worker what it dropped.
func droppedByAll(t *testing.T, conn *nats.Conn) map[string]map[string]uint64 {
	t.Helper()
	all := make(map[string]map[string]uint64)
	for _, id := range everybody {
		answer, err := conn.Request("synod.main.status."+id[:1]+"."+id, nil, patience)
		if err != nil {
			t.Fatalf("status of %s: %v", id, err)
		}
		var report worker.Identity
		if err := json.Unmarshal(answer.Data, &report); err != nil {
			t.Fatal(err)
		}
		all[id] = report.Messages.Dropped
	}
	return all
}

func subscribe(t *testing.T, conn *nats.Conn, subjects ...string) []*nats.Subscription {
	t.Helper()
	var all []*nats.Subscription
	for _, subject := range subjects {
		sub, err := conn.SubscribeSync(subject)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sub)
	}
	return all
}

// requireNoAnswers checks that nobody answered on a subject that only workers, or the broker, may use.
// What the stranger itself said there is not an answer.
func requireNoAnswers(t *testing.T, subs []*nats.Subscription, s *stranger) {
	t.Helper()
	s.flush()
	for _, sub := range subs {
		for {
			msg, err := sub.NextMsg(50 * time.Millisecond)
			if err != nil {
				break
			}
			if json.Valid(msg.Data) {
				t.Errorf("answered on %s: %s", msg.Subject, msg.Data)
			}
		}
	}
}
