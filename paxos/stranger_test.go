package paxos

import "testing"

// strangerA9 is an acceptor that is not of the membership, and knows its tag.
var strangerA9 = Address{Role: RoleAcceptor, ID: "a9"}

func votingAcceptor() *Acceptor {
	a := acceptorAt("a1", storeA)
	a.Restore(&BootRecord{Boot: 1})
	a.Restore(&AdoptedRecord{Membership: three})
	a.Restore(&FreeRecord{})
	a.Start()
	for range 2 * DefaultTiming().Listen {
		a.Tick()
	}
	return a
}

// pinnedProposer has heard the hellos of all three acceptors.
func pinnedProposer() *Proposer {
	p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{1}})
	for _, member := range three.Members {
		p.Step(Message{From: Address{Role: RoleAcceptor, ID: member.ID}, Tag: three.Tag("main"),
			Body: &Hello{Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)}})
	}
	return p
}

func pinnedLearner() *Learner {
	l := NewLearner(LearnerOptions{Log: "main", ID: "l1", Process: Nonce{2}})
	for _, member := range three.Members {
		l.Step(Message{From: Address{Role: RoleAcceptor, ID: member.ID}, Tag: three.Tag("main"),
			Body: &Hello{Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)}})
	}
	return l
}

func TestWhatIsChosenIsBelievedOfTheOwnerOfItsBallotAlone(t *testing.T) {
	l := pinnedLearner()
	own, higher := ballotOf(1, "p1"), ballotOf(2, "p2")
	said(l, leaderP1, &Accept{Ballot: own, Run: runOf(1, "red")})
	for _, forged := range []struct {
		from Address
		body *Chosen
	}{
		{standbyP2, &Chosen{Ballot: own, Through: 1}},
		{strangerA9, &Chosen{Ballot: own, Through: 1}},
		{standbyP2, &Chosen{Ballot: ballotOf(0, "p2"), Through: 1}},
		{leaderP1, &Chosen{Ballot: ballotOf(MaxRoundLeap+1, "p1"), Through: 1}},
	} {
		if e := said(l, forged.from, forged.body); len(e.Learned) > 0 {
			t.Errorf("on the word of %v in ballot %v it learns %v", forged.from, forged.body.Ballot, e.Learned)
		}
	}
	if e := said(l, leaderP1, &Chosen{Ballot: own, Through: 1}); len(e.Learned) != 1 {
		t.Fatalf("on the leader's own word it learns %v", e.Learned)
	}
	said(l, leaderP1, &Accept{Ballot: own, Run: runOf(2, "blue")})
	if e := said(l, standbyP2, &Chosen{Ballot: higher, Through: 2}); len(e.Learned) > 0 {
		t.Errorf("what p1 proposed in slot 2 it learns on the word of p2 in another ballot: %v", e.Learned)
	}
}

func TestSettledValuesAreTakenFromMembersAlone(t *testing.T) {
	settled := &Settled{Run: runOf(1, "forged"), Through: 1}
	a := votingAcceptor()
	if e := a.Step(Message{From: strangerA9, Tag: three.Tag("main"), Body: settled}); len(e.Save) > 0 {
		t.Errorf("an acceptor records what a stranger calls settled: %v", e.Save)
	}
	l := pinnedLearner()
	if e := l.Step(Message{From: strangerA9, Tag: three.Tag("main"), Body: settled}); len(e.Learned) > 0 {
		t.Errorf("a learner delivers what a stranger calls settled: %v", e.Learned)
	}
	if e := l.Step(Message{From: Address{RoleAcceptor, "a2"}, Tag: three.Tag("main"), Body: settled}); len(e.Learned) != 1 {
		t.Error("what a member calls settled is not delivered")
	}
}

func TestNoMessageMovesRoundsOutOfReach(t *testing.T) {
	const absurd = 1 << 60
	tag := three.Tag("main")
	p := pinnedProposer()
	for _, from := range []Address{strangerA9, {RoleAcceptor, "a2"}} {
		forged := Ballot{Round: absurd, Proposer: "p9"}
		p.Step(
			Message{From: from, Tag: tag, Body: &Promise{Ballot: forged, Boot: 1, First: 1}},
			Message{From: from, Tag: tag, Body: &Accepted{Ballot: forged, Boot: 1, Span: Span{1, 1}}},
			Message{From: from, Tag: tag, Body: &Preempted{Ballot: ballot(1), By: forged}},
		)
	}
	if most := uint64(8 * MaxRoundLeap); p.round > most {
		t.Errorf("the round is %d after absurd ones were heard, want at most %d", p.round, most)
	}
	p.Step(Message{From: Address{RoleProposer, "p9"}, Tag: tag, Body: &Accept{Ballot: Ballot{Round: absurd, Proposer: "p9"}}})
	if p.leader.ballot.Round == absurd || p.follower.ballot.Round == absurd || p.dropped.Round == 0 {
		t.Error("an accept in an absurd round is followed")
	}
}

func TestAStrangerCannotPreemptALeader(t *testing.T) {
	p := pinnedProposer()
	p.campaign()
	p.Step(Message{From: strangerA9, Tag: three.Tag("main"),
		Body: &Preempted{Ballot: p.candidacy.ballot, By: Ballot{Round: 9, Proposer: "p9"}}})
	if p.candidacy == nil {
		t.Error("a stranger's word ended a ballot")
	}
}

func TestStrangersPositionsAreNoReasonToPull(t *testing.T) {
	p := pinnedProposer()
	p.Step(Message{From: strangerA9, Tag: three.Tag("main"), Body: &Hello{
		Process: Nonce{9}, Position: MaxSlot, Acceptor: boot(StoreID{9}, 1, 1, 0)}})
	if p.puller.target != 0 {
		t.Errorf("it pulls up to slot %d", p.puller.target)
	}
}

func TestAFloodOfHellosDoesNotKeepAProposerFromPinning(t *testing.T) {
	p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{1}})
	warnings := 0
	for i := range 1000 {
		e := p.Step(Message{From: Address{RoleAcceptor, string(rune('A' + i))},
			Body: &Hello{Process: Nonce{byte(i), byte(i >> 8), 1}, Acceptor: &AcceptorHello{Boot: 1, Began: []uint64{0}}}})
		warnings += len(e.Notices)
	}
	for _, member := range three.Members {
		e := p.Step(Message{From: Address{Role: RoleAcceptor, ID: member.ID}, Tag: three.Tag("main"),
			Body: &Hello{Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)}})
		warnings += len(e.Notices)
	}
	if p.pinning.pinned == nil {
		t.Error("it has pinned nothing")
	}
	if warnings > maxStrange {
		t.Errorf("it warned %d times", warnings)
	}
}

func TestAStrangerCannotKeepALogFromBeingFounded(t *testing.T) {
	a := acceptorAt("a1", storeA)
	a.Start()
	hello := func(id string, h *AcceptorHello) {
		a.Step(Message{From: Address{RoleAcceptor, id}, Body: &Hello{Process: Nonce{1, id[1]}, Acceptor: h}})
	}
	other := Membership{Epoch: 1, Members: []Member{{"a1", StoreID{1}}, {"a9", StoreID{9}}}}
	for range 2 * DefaultTiming().Listen {
		hello("a9", &AcceptorHello{Store: StoreID{9}, Boot: 1, Began: []uint64{0}, Founders: other.IDs(), Membership: &other})
		hello("a2", &AcceptorHello{Store: storeB, Boot: 1, Began: []uint64{0}, Founders: three.IDs()})
		hello("a3", &AcceptorHello{Store: storeC, Boot: 1, Began: []uint64{0}, Founders: three.IDs()})
		a.Tick()
	}
	if got := a.Status().Membership; !got.Equal(three) {
		t.Errorf("it adopted %v, want %v", got, three)
	}
}

func TestProposalsThatNobodyWaitsForAreBounded(t *testing.T) {
	p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{1}, Limits: Limits{Held: 10_000, Runs: 1, Run: 100}})
	p.leadership = newLeadership(newCandidacy(ballot(1), three, 0), Run{}, 0, three, p.limits, 0)
	for range 1000 {
		p.onPropose(&Propose{Values: []Value{{Kind: KindValue, Data: make([]byte, 100)}}})
	}
	if p.leadership.queue.bytes > 10_000 {
		t.Errorf("%d bytes are queued, of at most 10000", p.leadership.queue.bytes)
	}
}

func TestAForgedFeedDoesNotEndTheFeed(t *testing.T) {
	l := NewLearner(LearnerOptions{Log: "main", ID: "l1", Process: Nonce{2}, Feed: true})
	l.Step(Message{From: Address{RoleLearner, "l0"}, Body: &Hello{Process: Nonce{7}, Feeding: true, Position: MaxSlot}})
	l.Step(Message{From: Address{RoleLearner, "l0"}, Body: &Hello{Process: Nonce{7}, Position: MaxSlot}})
	for _, member := range three.Members {
		l.Step(Message{From: Address{Role: RoleAcceptor, ID: member.ID}, Tag: three.Tag("main"),
			Body: &Hello{Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)}})
	}
	l.Tick()
	e := l.Step(Message{From: Address{RoleAcceptor, "a1"}, Tag: three.Tag("main"),
		Body: &Settled{Run: runOf(1, "red"), Through: 1}})
	if want := (Span{1, 1}); e.Feed != want {
		t.Errorf("it publishes %v, want %v", e.Feed, want)
	}
}

func TestALearnerThatBeginsAboveTheEndOfTheLogDoesNotOfferTheFeed(t *testing.T) {
	l := NewLearner(LearnerOptions{Log: "main", ID: "l0", Process: Nonce{2}, Feed: true, From: 1_000_000})
	for _, member := range three.Members {
		l.Step(Message{From: Address{Role: RoleAcceptor, ID: member.ID}, Tag: three.Tag("main"), Body: &Hello{
			Process: Nonce(member.Store[:8]), Position: 5, Acceptor: boot(member.Store, 1, 3, 0)}})
	}
	l.Tick()
	if l.Status().Offering {
		t.Error("it offers the feed of a log that has not come to where it begins")
	}
}
