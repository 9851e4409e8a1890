package paxos

import (
	"fmt"
	"strings"
	"testing"
)

var (
	leaderP1  = Address{RoleProposer, "p1"}
	standbyP2 = Address{RoleProposer, "p2"}
)

func ballotOf(round uint64, proposer string) Ballot { return Ballot{Round: round, Proposer: proposer} }

// said hands a message of the membership three to a role.
func said(role Role, from Address, body Body) Effects {
	return role.Step(Message{From: from, Tag: three.Tag("main"), Body: body})
}

// sentOf returns what was sent of one kind.
func sentOf[B Body](e Effects) []B {
	var found []B
	for _, m := range e.Send {
		if body, ok := m.Body.(B); ok {
			found = append(found, body)
		}
	}
	return found
}

func TestAStandbyThatHearsNobodyDoesNotDisturbAWorkingLeader(t *testing.T) {
	a := votingAcceptor()
	said(a, leaderP1, &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "red")})
	if e := said(a, standbyP2, &Prepare{Ballot: ballotOf(2, "p2"), First: 1}); len(e.Save)+len(e.Send) > 0 {
		t.Errorf("it answers another's prepare while it hears its leader: %v", e.Send)
	}
	if e := said(a, leaderP1, &Prepare{Ballot: ballotOf(2, "p1"), First: 1}); len(sentOf[*Promise](e)) != 1 {
		t.Error("it does not promise its own leader a higher ballot")
	}
	said(a, leaderP1, &Accept{Ballot: ballotOf(2, "p1")})
	for range DefaultTiming().LeastPatience + 1 {
		a.Tick()
	}
	if e := said(a, standbyP2, &Prepare{Ballot: ballotOf(3, "p2"), First: 1}); len(sentOf[*Promise](e)) != 1 {
		t.Error("it does not promise another although its leader is not heard any more")
	}
}

func TestAStopFreesAcceptorsForAnother(t *testing.T) {
	a := votingAcceptor()
	said(a, leaderP1, &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "red")})
	said(a, standbyP2, &Stop{Ballot: ballotOf(1, "p1")}) // not its to say
	if e := said(a, standbyP2, &Prepare{Ballot: ballotOf(2, "p2"), First: 1}); len(e.Send) > 0 {
		t.Error("another's stop frees it")
	}
	said(a, leaderP1, &Stop{Ballot: ballotOf(1, "p1")})
	if e := said(a, standbyP2, &Prepare{Ballot: ballotOf(2, "p2"), First: 1}); len(sentOf[*Promise](e)) != 1 {
		t.Error("it does not promise another although its leader has left")
	}
}

// A stop may overtake what its sender said before: they come on subjects of their own.
func TestWhatALeaderSaidBeforeItLeftDoesNotBringItBack(t *testing.T) {
	own := ballotOf(1, "p1")
	a := votingAcceptor()
	said(a, leaderP1, &Accept{Ballot: own})
	said(a, leaderP1, &Stop{Ballot: own})
	said(a, leaderP1, &Accept{Ballot: own, Run: runOf(1, "red")})
	if e := said(a, standbyP2, &Prepare{Ballot: ballotOf(2, "p2"), First: 1}); len(sentOf[*Promise](e)) != 1 {
		t.Error("an acceptor is loyal again to a leader that has left")
	}

	p := NewProposer(ProposerOptions{Log: "main", ID: "p2", Process: Nonce{2}})
	for _, member := range three.Members {
		said(p, Address{RoleAcceptor, member.ID}, &Hello{Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)})
	}
	said(p, leaderP1, &Accept{Ballot: own})
	said(p, leaderP1, &Stop{Ballot: own})
	said(p, leaderP1, &Accept{Ballot: own, Run: runOf(1, "red")})
	if p.candidacy == nil || p.follower.waiting.highest() != 1 {
		t.Errorf("it is no candidate any more (%v), or did not hear the value", p.candidacy)
	}
	if e := p.Tick(); len(sentOf[*Prepare](e)) != 1 {
		t.Errorf("a tick later it sends %v, want its prepare again", e.Send)
	}
}

func TestASecondValueInOneBallotIsNotAccepted(t *testing.T) {
	a := votingAcceptor()
	said(a, leaderP1, &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "red")})
	e := said(a, leaderP1, &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "blue")})
	if len(e.Save)+len(e.Send) > 0 || !strings.Contains(noticesOf(e), "two values for one slot") {
		t.Errorf("saved %v, sent %v, said %q", e.Save, e.Send, noticesOf(e))
	}
	if e := said(a, leaderP1, &Accept{Ballot: ballotOf(1, "p1"), Run: runOf(1, "red")}); len(sentOf[*Accepted](e)) != 1 {
		t.Error("it does not vote again for the first")
	}
}

func TestAnAbsurdRoundIsRefused(t *testing.T) {
	a := votingAcceptor()
	absurd := ballotOf(MaxRoundLeap+1, "p1")
	said(a, leaderP1, &Prepare{Ballot: absurd, First: 1})
	said(a, leaderP1, &Accept{Ballot: absurd, Run: runOf(1, "red")})
	if got := a.Status(); !got.Promised.IsZero() || got.Highest != 0 || got.Dropped.Round != 2 {
		t.Errorf("promised %v, highest %d, dropped %d", got.Promised, got.Highest, got.Dropped.Round)
	}
	if e := said(a, leaderP1, &Prepare{Ballot: ballotOf(MaxRoundLeap, "p1"), First: 1}); len(sentOf[*Promise](e)) != 1 {
		t.Error("the highest round allowed is refused")
	}
}

func TestATailIsBoundedButForItsHoles(t *testing.T) {
	a := votingAcceptor()
	a.limits.Tail = 4 * (valueOverhead + 1)
	b := ballotOf(1, "p1")
	said(a, leaderP1, &Accept{Ballot: b, Run: runOf(3, "c", "d", "e", "f")})
	if e := said(a, leaderP1, &Accept{Ballot: b, Run: runOf(7, "g")}); len(e.Save)+len(e.Send) > 0 {
		t.Error("it accepts beyond a full tail")
	}
	e := said(a, leaderP1, &Accept{Ballot: b, Run: runOf(1, "a", "b")})
	if votes := sentOf[*Accepted](e); len(votes) != 1 || votes[0].Span != (Span{1, 6}) {
		t.Errorf("what fills a hole is answered by %v, want a vote for 1-6", votes)
	}
	e = said(a, leaderP1, &Accept{Ballot: b, Run: runOf(6, "f", "g")})
	if votes := sentOf[*Accepted](e); len(votes) != 1 || votes[0].Span != (Span{1, 6}) {
		t.Errorf("a run that reaches beyond a full tail is answered by %v, want a vote for 1-6", votes)
	}
	said(a, leaderP1, &Accept{Ballot: b, Chosen: 6})
	if e := said(a, leaderP1, &Accept{Ballot: b, Run: runOf(7, "g")}); len(sentOf[*Accepted](e)) != 1 {
		t.Error("it does not accept although its tail has room again")
	}
}

func TestAFlightIsBoundedInRunsAndToAQuarterOfATail(t *testing.T) {
	for _, c := range []struct {
		bound  string
		limits Limits
		want   int // runs of one value, which weighs 65
	}{
		{"runs", Limits{Runs: 2, Run: 100, Gather: -1}, 2},
		{"a quarter of the tail", Limits{Runs: 100, Run: 100, Gather: -1, Tail: 1600}, 7},
		{"bytes", Limits{Runs: 100, Run: 100, Gather: -1, Flight: 200}, 4},
	} {
		p := leadingProposer(c.limits)
		for range 50 {
			p.Step(proposing(ID{}, ""))
		}
		if got := len(p.leadership.flight); got != c.want {
			t.Errorf("bounded in %s, %d runs are in flight, want %d", c.bound, got, c.want)
		}
	}
}

func TestAProposerRaisesItsRoundAboveWhatPreemptedIt(t *testing.T) {
	p := pinnedProposer()
	p.campaign()
	said(p, Address{RoleAcceptor, "a1"}, &Preempted{Ballot: p.candidacy.ballot, By: ballotOf(41, "p2")})
	if p.candidacy != nil {
		t.Fatal("it goes on in a ballot that was preempted")
	}
	p.campaign()
	if got := p.candidacy.ballot.Round; got != 42 {
		t.Errorf("its next round is %d, want 42", got)
	}
}

func TestACandidateThatHearsALeaderStandsBy(t *testing.T) {
	p := NewProposer(ProposerOptions{Log: "main", ID: "p2", Process: Nonce{2}})
	for _, member := range three.Members {
		said(p, Address{RoleAcceptor, member.ID}, &Hello{Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)})
	}
	p.campaign()
	said(p, leaderP1, &Accept{Ballot: ballotOf(0, "p1")})
	if p.candidacy != nil {
		t.Error("it goes on although a leader works, and no quorum has promised")
	}
}

func TestALeaderWhoseQueueIsFullSaysSo(t *testing.T) {
	p := leadingProposer(Limits{Held: 1000, Runs: 1, Run: 100})
	refused := 0
	for i := range 50 {
		for _, o := range p.Step(proposing(ClientID(string(rune('a'+i))), "r")).Outcomes {
			if o.Code == OutcomeOverloaded && o.Why != "" {
				refused++
			}
		}
	}
	if p.held.bytes > 1000 || refused < 30 {
		t.Errorf("%d bytes are held of at most 1000, and %d of 50 were refused", p.held.bytes, refused)
	}
}

func TestAFullStandbyHoldsTheNewestWhileAnotherLeads(t *testing.T) {
	for name, c := range map[string]struct {
		leads, wantFirst, wantLast bool
	}{
		"another leads": {leads: true, wantFirst: false, wantLast: true},
		"nobody leads":  {leads: false, wantFirst: true, wantLast: false},
	} {
		p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{1}, Limits: Limits{Held: 1000}})
		for _, member := range three.Members {
			said(p, Address{RoleAcceptor, member.ID}, &Hello{
				Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)})
		}
		p.patience = 1 << 30
		p.Tick()
		ids := make([]ID, 50)
		for i := range ids {
			ids[i] = ClientID(fmt.Sprint(i))
			if c.leads {
				said(p, standbyP2, &Accept{Ballot: ballotOf(1, "p2")})
			}
			p.Step(proposing(ids[i], "r"))
		}
		first, _ := p.held.find(ids[0])
		last, _ := p.held.find(ids[len(ids)-1])
		if (first != nil) != c.wantFirst || (last != nil) != c.wantLast || p.held.bytes > 1000 || p.held.bytes < 700 {
			t.Errorf("%s: the first is held: %v, the last: %v; %d bytes of 1000", name, first != nil, last != nil, p.held.bytes)
		}
	}
}

func TestAStandbyHoldsForALimitedTime(t *testing.T) {
	p := pinnedProposer()
	p.patience = 1 << 30
	p.Step(proposing(ClientID("x"), "r"))
	for range DefaultTiming().Hold - 20 {
		p.Tick()
	}
	if p.held.count != 1 {
		t.Fatal("it is dropped too early")
	}
	for range 40 {
		p.Tick()
	}
	if p.held.count != 0 || p.held.bytes != 0 {
		t.Errorf("%d proposals of %d bytes are still held", p.held.count, p.held.bytes)
	}
}

func TestAProposerThatStartsPassesOverWhatIsOlderThanItsWindow(t *testing.T) {
	p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{1}, Limits: Limits{IDWindow: 10, Flight: 64}})
	for _, member := range three.Members {
		said(p, Address{RoleAcceptor, member.ID}, &Hello{
			Process: Nonce(member.Store[:8]), Position: 1000, Acceptor: boot(member.Store, 1, 3, 0)})
	}
	if got, want := p.follower.learned, 1000-p.ids.span(); got != want {
		t.Errorf("it begins after slot %d, want %d", got, want)
	}
	if p.mayCampaign() {
		t.Error("it may campaign although it does not know the ids of its window")
	}
}

func TestAFounderThatWentAwayIsForgottenWhileNothingIsAdopted(t *testing.T) {
	a := acceptorAt("a1", storeA)
	a.Start()
	hello := func(id string, store StoreID) {
		a.Step(Message{From: Address{RoleAcceptor, id}, Body: &Hello{Process: Nonce{1, store[0]},
			Acceptor: &AcceptorHello{Store: store, Boot: 1, Began: []uint64{0}, Founders: three.IDs()}}})
	}
	hello("a2", storeB)
	for range 2 * DefaultTiming().Absent {
		a.Tick()
	}
	hello("a3", storeC)
	a.Tick()
	if got := a.Status().Membership; got.Members != nil {
		t.Errorf("it adopted %v with a founder that has long gone", got)
	}
}
