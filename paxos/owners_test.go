package paxos

import "testing"

func TestNobodyProposesInAnothersBallot(t *testing.T) {
	a := votingAcceptor()
	others := &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "red")}
	if e := said(a, standbyP2, others); len(e.Save)+len(e.Send) > 0 || a.Status().Dropped.Sender != 1 {
		t.Errorf("an acceptor takes p1's ballot from p2: saved %v, sent %v", e.Save, e.Send)
	}
	if e := said(a, standbyP2, &Prepare{Ballot: ballotOf(2, "p1"), First: 1}); len(e.Save)+len(e.Send) > 0 {
		t.Errorf("an acceptor promises p1's ballot to p2: saved %v, sent %v", e.Save, e.Send)
	}
	p := pinnedProposer()
	said(p, standbyP2, &Accept{Ballot: ballotOf(1, "p3"), Run: runOf(1, "red")})
	if p.leader != (leader{}) || p.follower.waiting.highest() != 0 || p.dropped.Sender != 1 {
		t.Errorf("a proposer follows p3's ballot on p2's word: %v", p.leader)
	}
}

func TestAMembershipIsNotPinnedWhileNobodyIsFreeToVote(t *testing.T) {
	p := newPinning("main")
	for id, store := range map[string]StoreID{"a1": storeA, "a2": storeB} {
		hello := boot(store, 1, 1, 0)
		hello.Free = false
		if now, _ := p.hello(id, Nonce{store[0]}, hello); now {
			t.Error("pinned though none that says it is free: the founders may still found otherwise")
		}
	}
}

// An acceptor that must stop says nothing more, not even to what arrived along with the reason.
func TestAnAcceptorThatStopsAnswersNothingThatArrivedAlong(t *testing.T) {
	a := votingAcceptor()
	twin := Heard{Acceptor: "a1", Store: storeA, Boot: 9}
	e := a.Step(
		Message{From: leaderP1, Tag: three.Tag("main"), Body: &Hello{Process: Nonce{7}, Heard: []Heard{twin}}},
		Message{From: leaderP1, Tag: three.Tag("main"), Body: &Prepare{Ballot: ballotOf(1, "p1"), First: 1}},
		Message{From: leaderP1, Tag: three.Tag("main"), Body: &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "red")}},
	)
	if len(e.Save)+len(e.Send) > 0 || len(e.Notices) == 0 || !e.Notices[0].Fatal {
		t.Errorf("saved %v, sent %v, said %q", e.Save, e.Send, noticesOf(e))
	}
}

func TestAVoteTellsHowFarItsStoreIs(t *testing.T) {
	a := votingAcceptor()
	e := said(a, leaderP1, &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "red")})
	votes := sentOf[*Accepted](e)
	if want := a.Status(); len(votes) != 1 || votes[0].Sequence != want.Sequence || votes[0].Boot != want.Boot {
		t.Errorf("it votes %v, want one vote at record %d of boot %d", votes, want.Sequence, want.Boot)
	}
}

func TestPulledValuesThatDoNotFollowAreNotSettled(t *testing.T) {
	a := votingAcceptor()
	late := &Settled{Run: runOf(3, "red"), Through: 3} // asked for before a crash took what was settled
	if e := said(a, Address{RoleAcceptor, "a2"}, late); len(e.Save) > 0 || a.Status().Settled != 0 {
		t.Errorf("settled through %d, saved %v, although slots 1 and 2 are missing", a.Status().Settled, e.Save)
	}
}
