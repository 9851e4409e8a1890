package client_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

// The script in testdata/status.txt judges facts. Its directives are judge, which answers the
// state, the verdict and what to do next, and json, which answers the whole report. Their input is
// a fact a line:
//
//	blind <why>
//	acceptor a1 [store=n] [of=a1,a2,…] [epoch=n] [founders=…] [free=no] [twice] [ballot=7.p1]
//	            [settled=n] [waiting=…]
//	told a1,a2,…                 a membership that another worker acts in
//	heard a3 41s                 how long ago somebody heard an acceptor
//	proposer p1 [leading] [of=…] [ballot=7.p1] [state=…] [twice] [waiting=…]
//	learner l1 [delivered=n] [target=n] [learned=n] [twice]
//	foreign a.a1 <why>
//	capture <stream> <subject>
//	clients n
//
// An acceptor's store is made of its id, unless the line says otherwise. Underscores stand for
// blanks.
func TestVerdicts(t *testing.T) {
	datadriven.RunTest(t, "testdata/status.txt", func(t *testing.T, d *datadriven.TestData) string {
		facts := client.StatusFacts{Log: "main", LastHeard: map[string]time.Duration{}}
		d.MaybeScanArgs(t, "log", &facts.Log)
		for line := range strings.Lines(d.Input) {
			addFact(t, &facts, strings.Fields(line))
		}
		report := client.Judge(facts)
		if d.Cmd == "json" {
			data, err := json.MarshalIndent(report, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		lines := []string{string(report.State), report.Verdict}
		for _, next := range report.Next {
			lines = append(lines, "→ "+next)
		}
		return strings.Join(lines, "\n")
	})
}

func addFact(t *testing.T, facts *client.StatusFacts, words []string) {
	t.Helper()
	args := words[1:]
	switch words[0] {
	case "blind":
		facts.Blind = strings.Join(args, " ")
	case "acceptor":
		facts.Acceptors = append(facts.Acceptors, acceptorFact(t, args))
	case "proposer":
		facts.Proposers = append(facts.Proposers, proposerFact(t, facts.Log, args))
	case "learner":
		facts.Learners = append(facts.Learners, learnerFact(t, args))
	case "told":
		facts.Told = append(facts.Told, membership(args[0]))
	case "heard":
		ago, err := time.ParseDuration(args[1])
		if err != nil {
			t.Fatal(err)
		}
		facts.LastHeard[args[0]] = ago
	case "foreign":
		facts.Foreign = append(facts.Foreign,
			client.ForeignFacts{From: address(args[0]), Why: strings.Join(args[1:], " ")})
	case "capture":
		facts.Captures = append(facts.Captures, client.CaptureFacts{Stream: args[0], Subject: args[1]})
	case "clients":
		facts.Clients = int(number(t, args[0]))
	default:
		t.Fatalf("unknown fact %q", words[0])
	}
}

func acceptorFact(t *testing.T, words []string) client.AcceptorFacts {
	t.Helper()
	a := client.AcceptorFacts{ID: words[0], Store: storeOf(words[0]), Boot: 1, IsFree: true}
	for _, word := range words[1:] {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "store":
			a.Store = paxos.StoreID{byte(number(t, value))}
		case "of":
			m := membership(value)
			a.Membership, a.Founders = &m, m.IDs()
		case "epoch":
			a.Membership.Epoch = number(t, value)
		case "founders":
			a.Founders, a.IsFree = strings.Split(value, ","), false
		case "free":
			a.IsFree = value != "no"
		case "twice":
			a.IsTwice = true
		case "ballot":
			a.Promised = ballot(t, value)
		case "settled":
			a.Settled = paxos.Slot(number(t, value))
			a.Highest = a.Settled
		case "waiting":
			a.Waiting = strings.ReplaceAll(value, "_", " ")
		default:
			t.Fatalf("unknown part %q of an acceptor", word)
		}
	}
	return a
}

func proposerFact(t *testing.T, log string, words []string) client.ProposerFacts {
	t.Helper()
	p := client.ProposerFacts{ID: words[0]}
	for _, word := range words[1:] {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "leading":
			p.IsLeading = true
		case "of":
			p.Tag = membership(value).Tag(log)
		case "ballot":
			p.Ballot = ballot(t, value)
		case "state":
			p.State = value
		case "twice":
			p.IsTwice = true
		case "waiting":
			p.Waiting = strings.ReplaceAll(value, "_", " ")
		default:
			t.Fatalf("unknown part %q of a proposer", word)
		}
	}
	return p
}

func learnerFact(t *testing.T, words []string) client.LearnerFacts {
	t.Helper()
	l := client.LearnerFacts{ID: words[0]}
	for _, word := range words[1:] {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "learned":
			l.Learned = paxos.Slot(number(t, value))
		case "delivered":
			l.Delivered = paxos.Slot(number(t, value))
		case "target":
			l.Target = paxos.Slot(number(t, value))
		case "twice":
			l.IsTwice = true
		default:
			t.Fatalf("unknown part %q of a learner", word)
		}
	}
	return l
}

// membership is that of epoch 1 of acceptors "a1,a2,…", each with the store of its id.
func membership(ids string) paxos.Membership {
	m := paxos.Membership{Epoch: 1}
	for id := range strings.SplitSeq(ids, ",") {
		m.Members = append(m.Members, paxos.Member{ID: id, Store: storeOf(id)})
	}
	return m
}

func address(text string) paxos.Address {
	role, id, _ := strings.Cut(text, ".")
	return paxos.Address{Role: paxos.RoleKind(role), ID: id}
}

func storeOf(id string) (store paxos.StoreID) {
	copy(store[:], id)
	return store
}

func ballot(t *testing.T, text string) paxos.Ballot {
	t.Helper()
	round, proposer, _ := strings.Cut(text, ".")
	return paxos.Ballot{Round: number(t, round), Proposer: proposer}
}

func number(t *testing.T, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHowLongAgoIsToldRoughly(t *testing.T) {
	for ago, want := range map[time.Duration]string{
		70 * time.Millisecond: "70 ms ago", 41*time.Second + 900*time.Millisecond: "41 s ago",
		119 * time.Second: "119 s ago", 5 * time.Minute: "5 min ago", 47 * time.Hour: "47 h ago",
		73 * time.Hour: "3 days ago",
	} {
		if got := client.Ago(ago); got != want {
			t.Errorf("%v is %q, want %q", ago, got, want)
		}
	}
}

// Whoever has the same facts says the same words, in whatever order memberships were met.
func TestTheVerdictDoesNotDependOnTheOrderOfFacts(t *testing.T) {
	facts := client.StatusFacts{Log: "main"}
	for i, of := range []string{"a1,a2,a3", "a1,a2,a3", "b1,b2", "b1,b2"} {
		m := membership(of)
		id := m.IDs()[i%2]
		facts.Acceptors = append(facts.Acceptors, client.AcceptorFacts{
			ID: id, Store: storeOf(id), Membership: &m, IsFree: true,
		})
	}
	want := fmt.Sprint(client.Judge(facts).Verdict, client.Judge(facts).Next)
	a := facts.Acceptors
	facts.Acceptors = []client.AcceptorFacts{a[2], a[3], a[0], a[1]}
	if got := fmt.Sprint(client.Judge(facts).Verdict, client.Judge(facts).Next); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
