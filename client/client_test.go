package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

func TestAnAcknowledgedProposalTellsItsSlot(t *testing.T) {
	for outcome, want := range map[paxos.Outcome]client.Outcome{
		inSlot42: {Slot: 42},
		{Code: paxos.OutcomeChosen, Slot: 7, Duplicate: true}: {Slot: 7, Duplicate: true},
	} {
		inTalk(t, client.Options{}, in(outcome), func(k *talk) {
			header := nats.Header{"Trace": {"1"}, "Nats-X": {"2"}}
			proposal := client.Proposal{Value: []byte("red"), Header: header}
			got, err := k.propose(proposal)
			if err != nil || got != want {
				t.Errorf("%+v became %+v, %v; want %+v", outcome, got, err, want)
			}
			heard := k.all()[0]
			if string(heard.Data) != "red" || !slices.Equal(heard.Headers, []paxos.Header{{Name: "Trace", Value: "1"}}) {
				t.Errorf("the proposal was %q with headers %v", heard.Data, heard.Headers)
			}
		})
	}
}

func TestAProposalIsRepeatedUnderOneIDUntilItIsAcknowledged(t *testing.T) {
	answers := []paxos.Outcome{silence, noLeader, noQuorum, overloaded, failure(599), inSlot42}
	for _, id := range []string{"order-7", ""} {
		inTalk(t, client.Options{}, in(answers...), func(k *talk) {
			outcome, err := k.propose(client.Proposal{Value: []byte("red"), ID: id})
			if err != nil || outcome.Slot != 42 {
				t.Fatalf("ended with %+v, %v", outcome, err)
			}
			heard := k.all()
			if len(heard) != len(answers) {
				t.Fatalf("it was sent %d times, want %d", len(heard), len(answers))
			}
			for _, h := range heard {
				if h.ID.Kind != paxos.IDClient || h.ID != heard[0].ID || h.reply != heard[0].reply {
					t.Errorf("it was sent as %+v and as %+v", heard[0], h)
				}
			}
			if id != "" && heard[0].ID != paxos.ClientID(id) {
				t.Errorf("its id is %v, want that of a plain request with %q", heard[0].ID, id)
			}
		})
	}
}

func TestTwoProposalsWithoutIDsHaveDifferentOnes(t *testing.T) {
	inTalk(t, client.Options{}, in(inSlot42), func(k *talk) {
		for range 2 {
			if _, err := k.propose(client.Proposal{Value: []byte("red")}); err != nil {
				t.Fatal(err)
			}
		}
		if heard := k.all(); heard[0].ID == heard[1].ID {
			t.Error("two proposals share an id: the second would be taken for the first")
		}
	})
}

func TestAFinalRefusalIsNotRepeated(t *testing.T) {
	for code, want := range map[paxos.OutcomeCode]error{400: client.ErrBadRequest, 413: client.ErrTooLarge} {
		inTalk(t, client.Options{}, in(failure(code)), func(k *talk) {
			_, err := k.propose(client.Proposal{})
			if !errors.Is(err, want) || errors.Is(err, client.ErrOutcomeUnknown) {
				t.Errorf("code %d became %v, want %v and nothing unknown", code, err, want)
			}
			if !strings.Contains(err.Error(), "because") {
				t.Errorf("the proposer's words are missing: %v", err)
			}
			if got := len(k.all()); got != 1 {
				t.Errorf("a final refusal was sent again %d times", got-1)
			}
		})
	}
}

func TestOneRefusedValueDoesNotTakeItsNeighboursWithIt(t *testing.T) {
	var k *talk
	answer := func(value paxos.Value, _ int) paxos.Outcome {
		all := k.all()
		isAlone := 0
		for _, h := range all {
			if h.message == all[len(all)-1].message {
				isAlone++
			}
		}
		if string(value.Data) == "bad" || isAlone > 1 {
			return failure(413) // as proposers do: one refuses its whole message
		}
		return k.chosen()
	}
	inTalk(t, client.Options{}, answer, func(talk *talk) {
		k = talk
		var proposals []client.Proposal
		for _, value := range []string{"1", "2", "bad", "4"} {
			proposals = append(proposals, client.Proposal{Value: []byte(value)})
		}
		outcomes, err := k.client.ProposeAll(k.t.Context(), proposals)
		if !errors.Is(err, client.ErrTooLarge) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("ended with %v, want %v", err, client.ErrTooLarge)
		}
		for i, outcome := range outcomes {
			if (outcome.Slot != 0) != (i != 2) {
				t.Errorf("proposal %d ended with %+v", i, outcome)
			}
		}
	})
}

func TestAnOutcomeThatCannotBeKnownSaysSoAndWhy(t *testing.T) {
	for name, c := range map[string]struct {
		answer answerer
		want   error
	}{
		"no leader":           {in(noLeader), client.ErrNoLeader},
		"no quorum":           {in(noQuorum), client.ErrNoQuorum},
		"overloaded":          {in(overloaded), client.ErrOverloaded},
		"nobody listens":      {nil, client.ErrNoLeader},
		"silence":             {in(silence), context.DeadlineExceeded},
		"silence after words": {in(noQuorum, silence), client.ErrNoQuorum},
	} {
		inTalk(t, client.Options{}, c.answer, func(k *talk) {
			_, err := k.propose(client.Proposal{Value: []byte("red")})
			if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, c.want) ||
				!errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s became %v; want %v and %v", name, err, client.ErrOutcomeUnknown, c.want)
			}
		})
	}
}

func TestAStreamThatCapturesProposalsIsFoundOut(t *testing.T) {
	inTalk(t, client.Options{}, nil, func(k *talk) {
		_, err := k.conn.Subscribe("synod.main.c.>", func(msg *nats.Msg) {
			_ = msg.Respond([]byte(`{"stream":"ALL","seq":5}`))
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.propose(client.Proposal{Value: []byte("red")})
		if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, client.ErrForeignAnswer) {
			t.Errorf("became %v, want %v", err, client.ErrForeignAnswer)
		}
	})
}

func TestAValueLargerThanIsAdmittedIsRefusedBeforeAnythingIsSent(t *testing.T) {
	const most = 1<<20 - 8<<10
	inTalk(t, client.Options{}, in(inSlot42), func(k *talk) {
		_, err := k.propose(client.Proposal{Value: make([]byte, most+1)})
		if !errors.Is(err, client.ErrTooLarge) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("became %v, want %v", err, client.ErrTooLarge)
		}
		many := []client.Proposal{{Value: []byte("small")}, {Value: make([]byte, most+1)}}
		if _, err := k.client.ProposeAll(k.t.Context(), many); !errors.Is(err, client.ErrTooLarge) {
			t.Errorf("among others it became %v, want %v", err, client.ErrTooLarge)
		}
		_, err = k.propose(client.Proposal{ID: strings.Repeat("x", 257)})
		if !errors.Is(err, client.ErrBadRequest) {
			t.Errorf("an id of 257 bytes became %v, want %v", err, client.ErrBadRequest)
		}
		if got := len(k.all()); got != 0 {
			t.Errorf("%d values were sent", got)
		}
		if _, err := k.propose(client.Proposal{Value: make([]byte, most)}); err != nil {
			t.Errorf("the largest value became %v", err)
		}
	})
}

func TestAClosedConnectionEndsAProposalAtOnce(t *testing.T) {
	inTalk(t, client.Options{}, in(silence), func(k *talk) {
		pending, err := k.client.Go(context.Background(), client.Proposal{})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		k.conn.Close()
		_, err = pending.Result()
		if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, nats.ErrConnectionClosed) {
			t.Errorf("on its way, it became %v, want %v", err, nats.ErrConnectionClosed)
		}
		_, err = k.client.Propose(context.Background(), client.Proposal{}) // or would never return
		if !errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("not sent, it became %v, want %v", err, nats.ErrConnectionClosed)
		}
	})
}

func TestAClosedClientEndsWhatIsOnItsWay(t *testing.T) {
	inTalk(t, client.Options{}, in(silence), func(k *talk) {
		pending, err := k.client.Go(context.Background(), client.Proposal{})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		k.client.Close()
		_, err = pending.Result()
		if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, client.ErrClosed) {
			t.Errorf("on its way, it became %v", err)
		}
		if _, err := k.client.Go(context.Background(), client.Proposal{}); !errors.Is(err, client.ErrClosed) {
			t.Errorf("afterwards a proposal became %v", err)
		}
		if k.conn.IsClosed() {
			t.Error("the connection, which is not the client's, is closed")
		}
	})
}

func TestValuesShareMessagesWhileOthersAreOnTheirWay(t *testing.T) {
	var k *talk
	answer := func(paxos.Value, int) paxos.Outcome { return k.chosen() }
	inTalk(t, client.Options{}, answer, func(talk *talk) {
		k = talk
		const count = 2000
		proposals := make([]client.Proposal, count)
		for i := range proposals {
			proposals[i].Value = fmt.Appendf(nil, "%0128d", i)
		}
		outcomes, err := k.client.ProposeAll(k.t.Context(), proposals)
		if err != nil {
			t.Fatal(err)
		}
		for i, outcome := range outcomes {
			if outcome.Slot != uint64(i+1) {
				t.Fatalf("value %d is in slot %d", i, outcome.Slot)
			}
		}
		heard := k.all()
		sizes := map[int]int{}
		for i, h := range heard {
			if string(h.Data) != string(proposals[i].Value) {
				t.Fatalf("the %dth value sent is %s", i, h.Data)
			}
			sizes[h.message] += len(h.Data)
		}
		if messages := len(sizes); messages > count*128/(28<<10)*2 {
			t.Errorf("%d values took %d messages", count, messages)
		}
		for _, size := range sizes {
			if size > 28<<10 {
				t.Errorf("a message has %d bytes of values", size)
			}
		}
	})
}

func TestOnlyWhatWasNotAnsweredIsSentAgain(t *testing.T) {
	var k *talk
	answer := func(value paxos.Value, n int) paxos.Outcome {
		if n == 1 && (value.Data[0]-'a')%3 != 0 {
			return silence
		}
		return k.chosen()
	}
	inTalk(t, client.Options{}, answer, func(talk *talk) {
		k = talk
		var proposals []client.Proposal
		for c := 'a'; c <= 'z'; c++ {
			proposals = append(proposals, client.Proposal{Value: []byte(string(c))})
		}
		if _, err := k.client.ProposeAll(k.t.Context(), proposals); err != nil {
			t.Fatal(err)
		}
		times, replies := map[string]int{}, map[string]paxos.Reply{}
		for _, h := range k.all() {
			value := string(h.Data)
			times[value]++
			if before, ok := replies[value]; ok && before != h.reply {
				t.Errorf("%s was numbered %v and then %v", value, before, h.reply)
			}
			replies[value] = h.reply
		}
		for value, got := range times {
			want := 2
			if (value[0]-'a')%3 == 0 {
				want = 1
			}
			if got != want {
				t.Errorf("%s was sent %d times, want %d", value, got, want)
			}
		}
	})
}

func TestAFullWindowMakesWhoProposesWaitAndNothingIsSentBeyondIt(t *testing.T) {
	inTalk(t, client.Options{Window: 3}, in(silence), func(k *talk) {
		ctx, cancel := context.WithTimeout(k.t.Context(), time.Second)
		defer cancel()
		var pending []*client.Pending
		for range 3 {
			p, err := k.client.Go(k.t.Context(), client.Proposal{Value: []byte("in")})
			if err != nil {
				t.Fatal(err)
			}
			pending = append(pending, p)
		}
		_, err := k.client.Go(ctx, client.Proposal{Value: []byte("beyond")})
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("beyond the window a proposal became %v; it was never sent", err)
		}
		for _, h := range k.all() {
			if string(h.Data) == "beyond" {
				t.Error("it was sent all the same")
			}
		}
		k.client.Close()
		for _, p := range pending {
			<-p.Done()
		}
	})
}

func TestOfMoreThanTheWindowHoldsNothingIsKnownWhenTheContextEnds(t *testing.T) {
	inTalk(t, client.Options{Window: 3}, in(silence), func(k *talk) {
		ctx, cancel := context.WithTimeout(k.t.Context(), time.Second)
		defer cancel()
		outcomes, err := k.client.ProposeAll(ctx, make([]client.Proposal, 10))
		if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		if len(outcomes) != 10 || slices.ContainsFunc(outcomes, func(o client.Outcome) bool { return o.Slot != 0 }) {
			t.Errorf("the outcomes are %v", outcomes)
		}
		if got := len(k.all()); got != 3 {
			t.Errorf("%d were sent, want the 3 for which there is room", got)
		}
	})
}

func TestAValueIsCopied(t *testing.T) {
	for _, size := range []int{1, 16, 512, 513, 100_000} {
		inTalk(t, client.Options{}, in(inSlot42), func(k *talk) {
			mine := bytes.Repeat([]byte("a"), size)
			var pending []*client.Pending
			for range 20 {
				p, err := k.client.Go(k.t.Context(), client.Proposal{Value: mine})
				if err != nil {
					t.Fatal(err)
				}
				pending = append(pending, p)
				mine = append(mine[:0], bytes.Repeat([]byte{mine[0] + 1}, size)...)
			}
			for i, p := range pending {
				if _, err := p.Result(); err != nil {
					t.Fatal(err)
				}
				want := bytes.Repeat([]byte{byte('a' + i)}, size)
				if got := k.all()[i].Data; string(got) != string(want) {
					t.Errorf("value %d of %d bytes was sent as one of %d, %.3q…", i, size, len(got), got)
				}
			}
		})
	}
}

func TestALostMessageOfManyValuesDoesNotHoldUpAFewForLong(t *testing.T) {
	var k *talk
	answer := func(value paxos.Value, _ int) paxos.Outcome {
		if string(value.Data) == "lost" {
			return silence
		}
		return k.chosen()
	}
	inTalk(t, client.Options{AttemptTimeout: time.Hour}, answer, func(talk *talk) {
		k = talk
		for range 30 {
			if _, err := k.client.Go(k.t.Context(), client.Proposal{Value: []byte("lost")}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if _, err := k.propose(client.Proposal{Value: []byte("few")}); err != nil {
			t.Error(err)
		}
	})
}

// A leader that is away for a moment misses a few messages of each client, and hears the next.
func TestLostMessagesHoldNothingUpForLong(t *testing.T) {
	var k *talk
	answer := func(value paxos.Value, _ int) paxos.Outcome {
		if string(value.Data) == "lost" {
			return silence
		}
		return k.chosen()
	}
	inTalk(t, client.Options{AttemptTimeout: time.Hour}, answer, func(talk *talk) {
		k = talk
		for range 20 {
			if _, err := k.client.Go(k.t.Context(), client.Proposal{Value: []byte("lost")}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		for range 3 {
			began := time.Now()
			if _, err := k.propose(client.Proposal{Value: []byte("next")}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 200*time.Millisecond {
				t.Errorf("a value waited %v of virtual time for answers that were lost", took)
			}
		}
	})
}

func TestManyThatWaitForAWindowAllGetThrough(t *testing.T) {
	var k *talk
	answer := func(paxos.Value, int) paxos.Outcome { return k.chosen() }
	inTalk(t, client.Options{Window: 2, WindowBytes: 500}, answer, func(talk *talk) {
		k = talk
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() { // one in ten is larger than the window
				value := make([]byte, 100+600*(i%10/9))
				if _, err := k.client.Propose(k.t.Context(), client.Proposal{Value: value}); err != nil {
					t.Errorf("proposal %d: %v", i, err)
				}
			})
		}
		wait.Wait()
	})
}

func TestAnOverloadedLeaderIsLeftAloneForAWhile(t *testing.T) {
	inTalk(t, client.Options{}, in(overloaded), func(k *talk) {
		ctx, cancel := context.WithTimeout(k.t.Context(), 10*time.Second)
		defer cancel()
		var wait sync.WaitGroup
		for range 100 {
			wait.Go(func() {
				if _, err := k.client.Propose(ctx, client.Proposal{}); !errors.Is(err, client.ErrOverloaded) {
					t.Errorf("became %v, want %v", err, client.ErrOverloaded)
				}
			})
		}
		wait.Wait()
		messages := map[int]bool{}
		for _, h := range k.all() {
			messages[h.message] = true
		}
		if got := len(messages); got > 150 {
			t.Errorf("%d messages were sent to an overloaded leader in ten seconds", got)
		}
	})
}

func TestALogsNameIsChecked(t *testing.T) {
	for _, name := range []string{"", "a.b", "*", "ünsicher", strings.Repeat("x", 33)} {
		if _, err := client.New(nil, name, client.Options{}); err == nil {
			t.Errorf("a log may be named %q", name)
		}
	}
	if _, err := client.New(nil, "main", client.Options{ID: "a.b"}); err == nil {
		t.Error("a client's id may have a dot")
	}
}
