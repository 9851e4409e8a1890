package client_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// talk is a client in virtual time, and a proposer whose answers a test decides.
type talk struct {
	t        *testing.T
	client   *client.Client
	conn     *nats.Conn
	subjects *codec.Subjects

	mutex sync.Mutex
	heard []heard // every value, each time it came
	next  uint64  // slot
}

// heard is a value that came to the proposer.
type heard struct {
	paxos.Value
	reply   paxos.Reply
	message int // of which it was a part, from 1
}

// answerer decides how a value ends that comes for the nth time, from 1. The zero Outcome is silence.
type answerer func(value paxos.Value, n int) paxos.Outcome

// inTalk runs a test in virtual time. A nil answerer: no proposer listens.
func inTalk(t *testing.T, options client.Options, answer answerer, test func(k *talk)) {
	synctest.Test(t, func(t *testing.T) {
		started, err := broker.Start(broker.Options{InProcess: true})
		if err != nil {
			t.Fatal(err)
		}
		defer started.Shutdown()
		k := &talk{t: t}
		k.conn = connectIn(t, started)
		defer k.conn.Close()
		proposer := connectIn(t, started)
		defer proposer.Close()
		if k.subjects, err = codec.NewSubjects("", "main"); err != nil {
			t.Fatal(err)
		}
		if k.client, err = client.New(k.conn, "main", options); err != nil {
			t.Fatal(err)
		}
		defer k.client.Close()
		if answer != nil {
			k.listen(proposer, answer)
		}
		synctest.Wait()
		test(k)
	})
}

func connectIn(t *testing.T, to *broker.Broker) *nats.Conn {
	conn, err := nats.Connect(to.URL(), nats.InProcessServer(to))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func (k *talk) listen(proposer *nats.Conn, answer answerer) {
	message := 0
	_, err := proposer.Subscribe("synod.main.c.*.propose", func(msg *nats.Msg) {
		message++
		decoded, err := k.subjects.Decode(msg.Subject, msg.Data)
		if err != nil {
			k.t.Errorf("a message cannot be read: %v", err)
			return
		}
		propose := decoded.Body.(*paxos.Propose)
		var outcomes []paxos.Outcome
		for i, value := range propose.Values {
			reply := propose.Reply
			reply.Number += uint64(i)
			outcome := answer(value, k.hear(heard{Value: value, reply: reply, message: message}))
			if outcome.Code == 0 {
				continue
			}
			outcome.Reply = reply
			outcomes = append(outcomes, outcome)
		}
		if len(outcomes) > 0 {
			subject := "synod.main.p.p1.outcome." + propose.Reply.To
			_ = proposer.Publish(subject, codec.AppendOutcomes(nil, paxos.Tag{}, outcomes))
		}
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// hear notes a value, and returns for the how manyeth time it came.
func (k *talk) hear(h heard) int {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.heard = append(k.heard, h)
	n := 0
	for _, other := range k.heard {
		if other.ID == h.ID {
			n++
		}
	}
	return n
}

// all are the values that came, each time they came.
func (k *talk) all() []heard {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return slices.Clone(k.heard)
}

// chosen is the next slot.
func (k *talk) chosen() paxos.Outcome {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.next++
	return paxos.Outcome{Code: paxos.OutcomeChosen, Slot: paxos.Slot(k.next)}
}

// propose proposes a value for at most a virtual minute.
func (k *talk) propose(proposal client.Proposal) (client.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	outcome, err := k.client.Propose(ctx, proposal)
	synctest.Wait()
	return outcome, err
}

// in makes an answerer of a list of outcomes: one for each time that a value comes, the last again and again.
func in(outcomes ...paxos.Outcome) answerer {
	return func(_ paxos.Value, n int) paxos.Outcome { return outcomes[min(n, len(outcomes))-1] }
}

func failure(code paxos.OutcomeCode) paxos.Outcome { return paxos.Outcome{Code: code, Why: "because"} }

var (
	silence    = paxos.Outcome{}
	inSlot42   = paxos.Outcome{Code: paxos.OutcomeChosen, Slot: 42}
	overloaded = failure(paxos.OutcomeOverloaded)
	noQuorum   = failure(paxos.OutcomeNoQuorum)
	noLeader   = failure(paxos.OutcomeNoLeader)
)
