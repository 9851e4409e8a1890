package paxos

import (
	"slices"
	"strings"
	"testing"
)

func TestALeaderTellsHowFarItHasHeardEachAcceptorGet(t *testing.T) {
	p := leadingProposer(Limits{})
	said(p, Address{RoleAcceptor, "a2"}, &Accepted{Ballot: p.leadership.ballot, Boot: 1, Sequence: 17})
	p.leadership.spoke = p.now - p.timing.Heartbeat
	accepts := sentOf[*Accept](p.Tick())
	if len(accepts) != 1 {
		t.Fatalf("%d accepts in the tick of a heartbeat", len(accepts))
	}
	want := []Reached{{Boot: 1, Sequence: 3}, {Boot: 1, Sequence: 17}, {Boot: 1, Sequence: 3}}
	if got := accepts[0].Reached; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// An acceptor's last votes are heard by the leader alone. Whoever the leader told of them knows the store
// that has forgotten them, though it heard none.
func TestAStandbyThatWasToldOfVotesDoesNotCountAStoreThatForgotThem(t *testing.T) {
	for name, told := range map[string][]Reached{
		"told":                      {{Boot: 1, Sequence: 60}, {}, {}},
		"told of what it remembers": {{Boot: 1, Sequence: 50}, {}, {}},
		"told nothing":              {{}, {}, {}},
		"told of another number":    {{Boot: 1, Sequence: 60}, {}},
	} {
		p := pinnedProposer()
		said(p, standbyP2, &Accept{Ballot: ballotOf(1, "p2"), Reached: told})
		said(p, Address{RoleAcceptor, "a1"}, &Hello{Process: Nonce{9}, Acceptor: boot(storeA, 2, 51, 50, 0)})
		if got, want := p.census.counts("a1", 2, 52), name != "told"; got != want {
			t.Errorf("%s: a store that began again at record 50 is counted: %v, want %v", name, got, want)
		}
	}
}

func TestAnAcceptorThatIsToldOfVotesItHasForgottenStops(t *testing.T) {
	for name, c := range map[string]struct {
		told  []Reached
		stops bool
	}{
		"its own past":      {told: []Reached{{Boot: 1, Sequence: 50}, {}, {}}},
		"more than its own": {told: []Reached{{Boot: 1, Sequence: 51}, {}, {}}, stops: true},
		"a later boot":      {told: []Reached{{Boot: 3, Sequence: 1}, {}, {}}, stops: true},
		"of another":        {told: []Reached{{}, {Boot: 1, Sequence: 51}, {}}},
	} {
		a := votingAcceptor()
		a.identity.beginBoot(2, 50)
		effects := said(a, standbyP2, &Accept{Ballot: ballotOf(1, "p2"), Run: runOf(1, "red"), Reached: c.told})
		if a.identity.stopped != c.stops || len(sentOf[*Accepted](effects)) > 0 == c.stops {
			t.Errorf("%s: stopped %v, sent %v", name, a.identity.stopped, effects.Send)
		}
		if c.stops && !strings.Contains(effects.Notices[0].Text, "a1") {
			t.Errorf("%s: said %q", name, effects.Notices[0].Text)
		}
	}
}

func TestAcceptorsTellEachOtherWhatALeaderToldThem(t *testing.T) {
	a := votingAcceptor()
	said(a, standbyP2, &Accept{Ballot: ballotOf(1, "p2"), Reached: []Reached{{}, {Boot: 4, Sequence: 90}, {}}})
	for _, heard := range a.identity.census.heard() {
		if heard.Acceptor == "a2" && heard.Boot == 4 && heard.Sequence == 90 {
			return
		}
	}
	t.Errorf("it would tell %v", a.identity.census.heard())
}
