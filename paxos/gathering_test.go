package paxos

import "testing"

func TestASmallRunWaitsWhileAnotherOfItsTickIsInFlight(t *testing.T) {
	p := leadingProposer(Limits{Gather: 4 * valueOverhead})
	propose := func(count int) int {
		sent := 0
		for range count {
			sent += len(sentOf[*Accept](p.Step(proposing(ID{}, ""))))
		}
		return sent
	}
	if got := propose(3); got != 1 {
		t.Fatalf("of three values in one tick %d runs were made at once, want the first's alone", got)
	}
	if got := propose(3); got != 1 || p.leadership.values() != 5 {
		t.Fatalf("%d runs were made, %d values are in flight; want one more, as soon as enough had gathered",
			got, p.leadership.values())
	}
	accepts := sentOf[*Accept](p.Tick())
	if len(accepts) != 1 || len(accepts[0].Run.Values) != 1 {
		t.Errorf("a tick later %v was sent, want the value that waited", accepts)
	}
}

func TestWhatGatheredFollowsTheRunBeforeAtOnce(t *testing.T) {
	p := leadingProposer(Limits{})
	for range 5 {
		p.Step(proposing(ID{}, ""))
	}
	accepts := voted(p, "a1", 1)
	accepts = append(accepts, voted(p, "a2", 1)...)
	if len(accepts) != 1 || accepts[0].Run.First != 2 || len(accepts[0].Run.Values) != 4 || accepts[0].Chosen != 1 {
		t.Errorf("when the first was chosen %v followed, want slots 2 to 5 in one run", accepts)
	}
}

func TestALeaderTellsAtOnceWhatIsChosenWhereNoRunFollows(t *testing.T) {
	p := leadingProposer(Limits{})
	tell := func(acceptor string, last Slot) []*Chosen {
		return sentOf[*Chosen](said(p, Address{RoleAcceptor, acceptor},
			&Accepted{Ballot: p.leadership.ballot, Boot: 1, Sequence: 4, Span: Span{1, last}}))
	}
	p.Step(proposing(ID{}, ""))
	p.Step(proposing(ID{}, ""))
	if told := append(tell("a1", 1), tell("a2", 1)...); len(told) > 0 {
		t.Errorf("%v was said, although the run that follows tells it", told)
	}
	told := append(tell("a1", 2), tell("a2", 2)...)
	if len(told) != 1 || told[0].Through != 2 || told[0].Ballot != p.leadership.ballot {
		t.Errorf("when slot 2 was chosen and nothing followed, %v was said", told)
	}
	if told := tell("a3", 2); len(told) > 0 {
		t.Errorf("%v was said again", told)
	}
	if told := sentOf[*Chosen](p.Tick()); len(told) > 0 {
		t.Errorf("%v was said again at a tick", told)
	}
}

// voted has an acceptor vote for every slot through last, and returns what is proposed thereupon.
func voted(p *Proposer, acceptor string, last Slot) []*Accept {
	return sentOf[*Accept](said(p, Address{RoleAcceptor, acceptor},
		&Accepted{Ballot: p.leadership.ballot, Boot: 1, Sequence: 4, Span: Span{1, last}}))
}

// The old leader may have died between telling what is chosen and answering who proposed it.
func TestANewLeaderAnswersWhatItLearnedAsAStandby(t *testing.T) {
	p, old := pinnedProposer(), ballotOf(1, "p2")
	value := Value{Kind: KindValue, ID: ClientID("red"), Data: []byte("red")}
	p.Step(Message{Body: &Propose{Values: []Value{value}, Reply: Reply{To: "reply"}}})
	said(p, standbyP2, &Accept{Ballot: old, Run: Run{First: 1, Values: []Value{value}}})
	if e := said(p, standbyP2, &Accept{Ballot: old, Chosen: 1}); len(e.Outcomes) > 0 {
		t.Fatalf("a standby answers: %v", e.Outcomes)
	}
	p.campaign()
	var outcomes []Outcome
	for _, id := range []string{"a1", "a2"} {
		e := said(p, Address{RoleAcceptor, id}, &Promise{Ballot: p.candidacy.ballot, Boot: 1, Sequence: 3, Settled: 1, First: 2})
		outcomes = append(outcomes, e.Outcomes...)
		if p.leadership != nil {
			break
		}
	}
	if len(outcomes) != 1 || outcomes[0].Slot != 1 || outcomes[0].Reply.To != "reply" {
		t.Errorf("when it leads it answers %v, want slot 1", outcomes)
	}
}
