package client_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/testenv/broker"
)

// talk is a client in virtual time, and a proposer that answers each proposal with the next of some
// answers, the last again and again. "" stands for silence.
type talk struct {
	t        *testing.T
	client   *client.Client
	conn     *nats.Conn
	ids      []string // of the proposals heard
	heard    atomic.Int64
	proposal *nats.Msg // the last
}

func inTalk(t *testing.T, answers []string, test func(k *talk)) {
	synctest.Test(t, func(t *testing.T) {
		started, err := broker.Start(broker.Options{InProcess: true})
		if err != nil {
			t.Fatal(err)
		}
		defer started.Shutdown()
		conn, err := nats.Connect(started.URL(), nats.InProcessServer(started))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		k := &talk{t: t, conn: conn}
		k.client, err = client.New(conn, "main", client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(answers) > 0 {
			k.answer(answers)
		}
		test(k)
	})
}

func (k *talk) answer(answers []string) {
	_, err := k.conn.Subscribe("synod.main.propose", func(msg *nats.Msg) {
		answer := answers[min(int(k.heard.Add(1)), len(answers))-1]
		k.ids = append(k.ids, msg.Header.Get("Nats-Msg-Id"))
		k.proposal = msg
		if answer != "" {
			_ = msg.Respond([]byte(answer))
		}
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// propose proposes a value for at most a virtual minute.
func (k *talk) propose(proposal client.Proposal) (client.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	outcome, err := k.client.Propose(ctx, proposal)
	synctest.Wait()
	return outcome, err
}

const chosen = `{"log":"main","slot":42}`

func failure(code string) string { return `{"error":{"code":` + code + `,"description":"because"}}` }

func TestAnAcknowledgedProposalTellsItsSlot(t *testing.T) {
	for answer, want := range map[string]client.Outcome{
		chosen: {Slot: 42},
		`{"log":"main","slot":7,"duplicate":true}`: {Slot: 7, Duplicate: true},
	} {
		inTalk(t, []string{answer}, func(k *talk) {
			got, err := k.propose(client.Proposal{Value: []byte("red"), Header: nats.Header{"Trace": {"1"}}})
			if err != nil || got != want {
				t.Errorf("%s became %+v, %v; want %+v", answer, got, err, want)
			}
			if string(k.proposal.Data) != "red" || k.proposal.Header.Get("Trace") != "1" {
				t.Errorf("the proposal was %q with headers %v", k.proposal.Data, k.proposal.Header)
			}
		})
	}
}

func TestAProposalIsRepeatedUnderOneIDUntilItIsAcknowledged(t *testing.T) {
	answers := []string{"", failure("504"), failure("503"), failure("429"), failure("599"), chosen}
	for _, id := range []string{"order-7", ""} {
		inTalk(t, answers, func(k *talk) {
			outcome, err := k.propose(client.Proposal{Value: []byte("red"), ID: id})
			if err != nil || outcome.Slot != 42 {
				t.Fatalf("ended with %+v, %v", outcome, err)
			}
			if len(k.ids) != len(answers) {
				t.Fatalf("it was sent %d times, want %d", len(k.ids), len(answers))
			}
			for _, got := range k.ids {
				if got == "" || got != k.ids[0] || (id != "" && got != id) {
					t.Errorf("it was sent under %q", k.ids)
				}
			}
		})
	}
}

func TestTwoProposalsWithoutIDsHaveDifferentOnes(t *testing.T) {
	inTalk(t, []string{chosen}, func(k *talk) {
		for range 2 {
			if _, err := k.propose(client.Proposal{Value: []byte("red")}); err != nil {
				t.Fatal(err)
			}
		}
		if k.ids[0] == k.ids[1] {
			t.Error("two proposals share an id: the second would be taken for the first")
		}
	})
}

func TestAFinalRefusalIsNotRepeated(t *testing.T) {
	for code, want := range map[string]error{"400": client.ErrBadRequest, "413": client.ErrTooLarge} {
		inTalk(t, []string{failure(code)}, func(k *talk) {
			_, err := k.propose(client.Proposal{})
			if !errors.Is(err, want) || errors.Is(err, client.ErrOutcomeUnknown) {
				t.Errorf("code %s became %v, want %v and nothing unknown", code, err, want)
			}
			if !strings.Contains(err.Error(), "because") {
				t.Errorf("the proposer's words are missing: %v", err)
			}
			if got := k.heard.Load(); got != 1 {
				t.Errorf("a final refusal was sent again %d times", got-1)
			}
		})
	}
}

func TestAnOutcomeThatCannotBeKnownSaysSoAndWhy(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		want    error
	}{
		"no leader":            {[]string{failure("504")}, client.ErrNoLeader},
		"no quorum":            {[]string{failure("503")}, client.ErrNoQuorum},
		"overloaded":           {[]string{failure("429")}, client.ErrOverloaded},
		"nobody listens":       {nil, client.ErrNoLeader},
		"silence":              {[]string{""}, context.DeadlineExceeded},
		"silence after words":  {[]string{failure("503"), ""}, client.ErrNoQuorum},
		"a JetStream stream":   {[]string{`{"stream":"ALL","seq":5}`}, client.ErrForeignAnswer},
		"another log's answer": {[]string{`{"log":"other","slot":5}`}, client.ErrForeignAnswer},
		"no JSON":              {[]string{"+OK"}, client.ErrForeignAnswer},
	} {
		inTalk(t, c.answers, func(k *talk) {
			_, err := k.propose(client.Proposal{Value: []byte("red")})
			if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, c.want) ||
				!errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s became %v; want %v and %v", name, err, client.ErrOutcomeUnknown, c.want)
			}
		})
	}
}

func TestAMessageLargerThanTheBrokerTakesIsTooLarge(t *testing.T) {
	inTalk(t, []string{chosen}, func(k *talk) {
		_, err := k.propose(client.Proposal{Value: make([]byte, 2<<20)})
		if !errors.Is(err, client.ErrTooLarge) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("became %v, want %v", err, client.ErrTooLarge)
		}
	})
}

func TestAClosedConnectionEndsAProposalAtOnce(t *testing.T) {
	inTalk(t, []string{chosen}, func(k *talk) {
		k.conn.Close()
		_, err := k.client.Propose(context.Background(), client.Proposal{}) // or would never return
		if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, nats.ErrConnectionClosed) {
			t.Errorf("became %v, want %v", err, nats.ErrConnectionClosed)
		}
	})
}

func TestALogsNameIsChecked(t *testing.T) {
	for _, name := range []string{"", "a.b", "*", "ünsicher", strings.Repeat("x", 33)} {
		if _, err := client.New(nil, name, client.Options{}); err == nil {
			t.Errorf("a log may be named %q", name)
		}
	}
}
