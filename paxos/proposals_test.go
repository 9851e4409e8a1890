package paxos

import (
	"fmt"
	"testing"
)

// leadingProposer leads in ballot 1 over the membership three, with nothing recovered.
func leadingProposer(limits Limits) *Proposer {
	p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{1}, Limits: limits})
	for _, member := range three.Members {
		p.Step(Message{From: Address{Role: RoleAcceptor, ID: member.ID}, Tag: three.Tag("main"),
			Body: &Hello{Process: Nonce(member.Store[:8]), Acceptor: boot(member.Store, 1, 3, 0)}})
	}
	p.campaign()
	for _, id := range []string{"a1", "a2"} {
		p.Step(Message{From: Address{RoleAcceptor, id}, Tag: three.Tag("main"),
			Body: &Promise{Ballot: p.candidacy.ballot, Boot: 1, Sequence: 3, First: 1}})
		if p.leadership != nil {
			break
		}
	}
	return p
}

// tickHeard lets ticks pass in which a quorum answers heartbeats and votes for nothing.
func tickHeard(p *Proposer, ticks int) []Outcome {
	var outcomes []Outcome
	for range ticks {
		outcomes = append(outcomes, p.Tick().Outcomes...)
		for _, id := range []string{"a1", "a2"} {
			if p.leadership != nil {
				p.Step(Message{From: Address{RoleAcceptor, id}, Tag: three.Tag("main"),
					Body: &Accepted{Ballot: p.leadership.ballot, Boot: 1, Sequence: 3}})
			}
		}
	}
	return outcomes
}

func proposing(id ID, reply string) Message {
	return Message{Body: &Propose{Values: []Value{{Kind: KindValue, ID: id, Data: []byte("x")}}, Reply: Reply{To: reply}}}
}

func TestAProposalInFlightForLongerThanItIsHeldIsNotProposedTwice(t *testing.T) {
	p := leadingProposer(Limits{})
	p.Step(proposing(ClientID("x"), "r1"))
	outcomes := tickHeard(p, 2*DefaultTiming().Hold)
	if len(outcomes) != 1 || outcomes[0].Code != OutcomeNoLeader {
		t.Errorf("who waits is told %v, want once that there is no answer", outcomes)
	}
	if p.leadership == nil {
		t.Fatal("it leads no more")
	}
	next := p.leadership.next
	p.Step(proposing(ClientID("x"), "r2"))
	if p.leadership.next != next {
		t.Errorf("its repetition is proposed in slot %d", next)
	}
	var told []string
	for _, id := range []string{"a1", "a2"} {
		e := p.Step(Message{From: Address{RoleAcceptor, id}, Tag: three.Tag("main"),
			Body: &Accepted{Ballot: p.leadership.ballot, Boot: 1, Sequence: 4, Span: Span{1, 1}}})
		for _, o := range e.Outcomes {
			told = append(told, fmt.Sprint(o.Reply.To, " ", o.Slot))
		}
	}
	if got := fmt.Sprint(told); got != "[r1 1 r2 1]" {
		t.Errorf("once it is chosen %v are answered, want both", got)
	}
}

func TestAPulledValueIsNotTakenForAProposalThatCameLater(t *testing.T) {
	p := pinnedProposer()
	p.puller.hint(10)
	id := ReplyID("inbox", []byte("x"))
	p.Step(proposing(id, "inbox"))
	old := Run{First: 1, Values: []Value{{Kind: KindValue, ID: id}}}
	p.Step(Message{From: Address{RoleAcceptor, "a1"}, Tag: three.Tag("main"), Body: &Settled{Run: old, Through: 10, IDsOnly: true}})
	if h := p.held.byReply[id]; h == nil || h.slot != 0 {
		t.Error("a value settled before the proposal came is taken for it")
	}
	p.follower.learned = 10
	late := Run{First: 11, Values: []Value{{Kind: KindValue, ID: id}}}
	p.Step(Message{From: Address{RoleAcceptor, "a1"}, Tag: three.Tag("main"), Body: &Settled{Run: late, Through: 11, IDsOnly: true}})
	if h := p.held.byReply[id]; h != nil {
		t.Error("its own value, pulled, is not paired with it")
	}
}

func TestACandidateThatPagesSaysThatItIsThere(t *testing.T) {
	p := pinnedProposer()
	p.campaign()
	tag, heartbeats := three.Tag("main"), 0
	for page := Slot(1); page <= 100; page++ {
		for _, id := range []string{"a1", "a2"} {
			p.Step(Message{From: Address{RoleAcceptor, id}, Tag: tag, Body: &Promise{
				Ballot: p.candidacy.ballot, Boot: 1, Sequence: 3, First: page, Last: page,
				Proposals: []Proposal{{Ballot: Ballot{Round: 0, Proposer: "p0"}, Run: runOf(page, "x")}}}})
		}
		for _, m := range p.Tick().Send {
			if accept, ok := m.Body.(*Accept); ok && accept.Run.IsEmpty() {
				heartbeats++
			}
		}
	}
	if want := 100 / DefaultTiming().Heartbeat / 2; heartbeats < want {
		t.Errorf("%d heartbeats in 100 ticks of paging, want at least %d", heartbeats, want)
	}
}

func TestARequestThatIsRepeatedIsToldAsWell(t *testing.T) {
	p := pinnedProposer()
	p.leaderAt = -10_000
	p.timing.Patience = 1 << 30 // it never campaigns
	p.patience = 1 << 30
	p.Step(proposing(ClientID("x"), "r1"))
	told := map[string]int{}
	count := func(ticks int) {
		for range ticks {
			for _, o := range p.Tick().Outcomes {
				told[o.Reply.To]++
			}
		}
	}
	count(2 * DefaultTiming().Answer)
	p.Step(proposing(ClientID("x"), "r2"))
	count(2 * DefaultTiming().Answer)
	if told["r1"] != 1 || told["r2"] != 1 {
		t.Errorf("told %v, want each once", told)
	}
}

func TestItsOwnEchoIsNoLeaderThatLeads(t *testing.T) {
	p := leadingProposer(Limits{})
	ballot := p.leadership.ballot
	p.stop()
	for range DefaultTiming().Patience / 2 {
		p.Tick()
	}
	led, patience := p.led, p.patience
	p.Step(Message{From: p.self, Tag: three.Tag("main"), Body: &Accept{Ballot: ballot}})
	p.Tick()
	if p.leaderAt == p.now || p.led > led+1 || p.patience >= patience {
		t.Errorf("an echo that comes late makes it wait %d ticks, and it waited for %d more", p.patience, patience)
	}
	other := ballot
	other.Start = Nonce{9} // another proposer under the same id
	other.Round++
	p.Step(Message{From: p.self, Tag: three.Tag("main"), Body: &Accept{Ballot: other}})
	if p.leaderAt != p.now {
		t.Error("another process under its id is not heard")
	}
}
