package paxos

import (
	"encoding/binary"
	"testing"
)

// A run carries many values, and what it costs must not grow with them: these bounds are in allocations a
// value, where a run of a hundred is handled. What is left is the run's own: its effects, its place in a
// tail or a flight, and growth of what remembers ids, now and then.
const (
	valuesInRun = 100
	runsCounted = 200
	mostShared  = 0.15
)

// runsFor is more runs than are counted, one after another from slot 1, of values under ids as the client
// library draws them.
func runsFor() []Run {
	runs := make([]Run, runsCounted+2) // one is for the first run of AllocsPerRun, which does not count
	for i := range runs {
		runs[i].First = Slot(1 + i*valuesInRun)
		for n := range valuesInRun {
			id := ID{Kind: IDClient}
			binary.BigEndian.PutUint64(id.Bytes[8:], uint64(i*valuesInRun+n))
			runs[i].Values = append(runs[i].Values, Value{Kind: KindValue, ID: id, Data: make([]byte, 16)})
		}
	}
	return runs
}

func checkShared(t *testing.T, step func(run Run)) {
	t.Helper()
	runs := runsFor()
	allocations := testing.AllocsPerRun(runsCounted, func() {
		step(runs[0])
		runs = runs[1:]
	})
	t.Logf("%.0f allocations for a run of %d values", allocations, valuesInRun)
	if perValue := allocations / valuesInRun; perValue > mostShared {
		t.Errorf("%.2f allocations a value, want at most %v", perValue, mostShared)
	}
}

var tagOfThree = three.Tag("main")

// heard hands a message to a role as said does, and allocates nothing itself.
func heard(role Role, from Address, body Body) Effects {
	return role.Step(Message{From: from, Tag: tagOfThree, Body: body})
}

func TestAnAcceptorAllocatesForRunsNotForValues(t *testing.T) {
	a, ballot := votingAcceptor(), ballotOf(1, "p1")
	checkShared(t, func(run Run) {
		effects := heard(a, leaderP1, &Accept{Ballot: ballot, Run: run, Chosen: run.First - 1})
		if len(effects.Save) == 0 || len(effects.Send) == 0 {
			t.Fatalf("a run was not accepted: %+v", effects)
		}
	})
}

func TestALeaderAllocatesForMessagesNotForValues(t *testing.T) {
	p := leadingProposer(Limits{})
	number := uint64(1)
	checkShared(t, func(run Run) {
		effects := heard(p, Address{RoleClient, "c1"}, &Propose{
			Reply: Reply{Client: true, To: "c1.0102030405060708", Number: number}, Values: run.Values})
		number += uint64(len(run.Values))
		accepts := sentOf[*Accept](effects)
		if len(accepts) != 1 {
			t.Fatalf("%d accepts for a message of values", len(accepts))
		}
		answered := 0
		for _, id := range []string{"a1", "a2"} {
			effects = heard(p, Address{RoleAcceptor, id}, &Accepted{Ballot: p.leadership.ballot, Boot: 1,
				Sequence: 3 + number, Span: Span{First: 1, Last: accepts[0].Run.Last()}})
			for _, outcome := range effects.Outcomes {
				answered += 1 + int(outcome.More)
			}
		}
		if answered != len(run.Values) {
			t.Fatalf("%d values of %d were answered", answered, len(run.Values))
		}
	})
}

func TestALearnerAllocatesForRunsNotForValues(t *testing.T) {
	l, ballot := pinnedLearner(), ballotOf(1, "p1")
	learned := Slot(0)
	checkShared(t, func(run Run) {
		heard(l, leaderP1, &Accept{Ballot: ballot, Run: run, Chosen: run.First - 1})
		for _, learnt := range heard(l, leaderP1, &Chosen{Ballot: ballot, Through: run.Last()}).Learned {
			learned = learnt.Last()
		}
		if learned != run.Last() {
			t.Fatalf("learned through %d, want %d", learned, run.Last())
		}
	})
}
