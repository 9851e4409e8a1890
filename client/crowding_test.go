package client_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

func TestWhoIsRefusedComesBackWhenItIsTold(t *testing.T) {
	for _, c := range []struct {
		retry       int // ticks
		least, most time.Duration
	}{
		{100, 500 * time.Millisecond, time.Second},
		{5, 25 * time.Millisecond, 50 * time.Millisecond},
		{0, 10 * time.Millisecond, 20 * time.Millisecond}, // it is not told: soon
	} {
		refused := overloaded
		refused.Retry = c.retry
		inTalk(t, client.Options{}, in(refused, inSlot42), func(k *talk) {
			began := time.Now()
			outcome, err := k.propose(client.Proposal{Value: []byte("red")})
			if err != nil || outcome.Slot != 42 {
				t.Fatalf("ended with %+v, %v", outcome, err)
			}
			if took := time.Since(began); took < c.least || took > c.most {
				t.Errorf("told to come back in %d ticks, it came after %v", c.retry, took)
			}
			if heard := k.all(); len(heard) != 2 || heard[0].ID != heard[1].ID {
				t.Errorf("it was sent as %+v, want twice under one id", heard)
			}
		})
	}
}

func TestWhoIsRefusedAgainAndAgainKeepsTryingUntilItsContextEnds(t *testing.T) {
	refused := overloaded
	refused.Retry = 20
	inTalk(t, client.Options{}, in(refused), func(k *talk) {
		ctx, cancel := context.WithTimeout(k.t.Context(), 30*time.Second)
		defer cancel()
		_, err := k.client.Propose(ctx, client.Proposal{Value: []byte("red")})
		if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, client.ErrOverloaded) {
			t.Errorf("ended with %v, want an unknown outcome, and why", err)
		}
		heard := k.all()
		if len(heard) < 25 || len(heard) > 75 { // after half a second to a second, but for the first few
			t.Errorf("in 30 s it was sent %d times", len(heard))
		}
		for _, h := range heard {
			if h.ID != heard[0].ID {
				t.Fatal("it was sent under two ids")
			}
		}
	})
}

// crowded is a leader with room for a few messages, of which it has one chosen every 10 ms.
type crowded struct {
	k    *talk
	room int

	mutex   sync.Mutex
	waiting []*paxos.Propose
	times   map[paxos.ID]int // that a value was chosen
	next    paxos.Slot
	refused int // messages
}

func (c *crowded) serve(ctx context.Context) {
	subscription, err := c.k.conn.Subscribe("synod.main.c.*.propose", c.hear)
	if err != nil {
		c.k.t.Fatal(err)
	}
	go func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				c.choose()
			case <-ctx.Done():
				_ = subscription.Unsubscribe()
				return
			}
		}
	}()
}

func (c *crowded) hear(msg *nats.Msg) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	decoded, err := c.k.subjects.Decode(msg.Subject, msg.Data)
	if err != nil {
		c.k.t.Errorf("a message cannot be read: %v", err)
		return
	}
	proposal := decoded.Body.(*paxos.Propose)
	if len(c.waiting) < c.room {
		c.waiting = append(c.waiting, proposal)
		return
	}
	c.refused++
	c.answer(proposal, paxos.Outcome{Code: paxos.OutcomeOverloaded, Why: "full", Retry: len(c.waiting)})
}

func (c *crowded) choose() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.waiting) == 0 {
		return
	}
	proposal := c.waiting[0]
	c.waiting = c.waiting[1:]
	for _, value := range proposal.Values {
		c.times[value.ID]++
	}
	c.answer(proposal, paxos.Outcome{Code: paxos.OutcomeChosen, Slot: c.next})
	c.next += paxos.Slot(len(proposal.Values))
}

func (c *crowded) answer(proposal *paxos.Propose, outcome paxos.Outcome) {
	outcome.Reply, outcome.More = proposal.Reply, len(proposal.Values)-1
	data := codec.AppendOutcomes(nil, paxos.Tag{}, []paxos.Outcome{outcome})
	_ = c.k.conn.Publish("synod.main.p.p1.outcome."+proposal.Reply.To, data)
}

func TestWhoIsRefusedHasLessOnItsWayUntilTheLeaderTakesIt(t *testing.T) {
	const messages, perMessage, room = 200, 27, 4
	inTalk(t, client.Options{}, nil, func(k *talk) {
		ctx, cancel := context.WithCancel(k.t.Context())
		defer synctest.Wait()
		defer cancel()
		leader := &crowded{k: k, room: room, times: map[paxos.ID]int{}, next: 1}
		leader.serve(ctx)
		proposals := make([]client.Proposal, messages*perMessage)
		for i := range proposals {
			proposals[i].Value = make([]byte, 1000)
		}
		began := time.Now()
		if _, err := k.client.ProposeAll(ctx, proposals); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		leader.mutex.Lock()
		defer leader.mutex.Unlock()
		if len(leader.times) != len(proposals) {
			t.Errorf("%d of %d values were chosen", len(leader.times), len(proposals))
		}
		for id, times := range leader.times {
			if times != 1 {
				t.Errorf("%v was sent again %d times after it was taken", id, times-1)
			}
		}
		// Were all sent again after each pause, each of 200 messages would be refused some twenty times.
		if leader.refused > 3*messages {
			t.Errorf("messages were refused %d times until %d were taken", leader.refused, messages)
		}
		// Virtual time: the leader is idle for less than half of it.
		if busy := messages * 10 * time.Millisecond; took > 2*busy {
			t.Errorf("what the leader has chosen in %v took %v", busy, took)
		}
		t.Logf("%d messages were refused %d times, and took %v", messages, leader.refused, took)
	})
}
