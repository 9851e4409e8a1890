package paxos

import (
	"slices"
	"testing"
)

// helloOf is a hello of one of three acceptors that have founded a log.
func helloOf(m Membership, id string) Message {
	member, _ := m.Member(id)
	return Message{
		From: Address{Role: RoleAcceptor, ID: id}, Tag: m.Tag("main"),
		Body: &Hello{Process: Nonce{id[1]}, Acceptor: &AcceptorHello{
			Store: member.Store, Boot: 1, Founders: m.IDs(), Membership: &m, Free: true,
		}},
	}
}

func TestAStatusTellsHowLongAgoEachAcceptorWasHeard(t *testing.T) {
	m := Membership{Epoch: 1, Members: []Member{{"a1", StoreID{1}}, {"a2", StoreID{2}}, {"a3", StoreID{3}}}}
	p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{9}})
	l := NewLearner(LearnerOptions{Log: "main", ID: "l1", Process: Nonce{8}})
	a := NewAcceptor(AcceptorOptions{
		Log: "main", ID: "a3", Founders: m.IDs(), Store: StoreID{3}, Process: Nonce{7},
	})
	a.Restore(&AdoptedRecord{Membership: m})
	a.Start()
	both := func(id string) {
		for _, role := range []Role{p, l, a} {
			role.Step(helloOf(m, id))
		}
	}
	both("a1")
	both("a2") // a quorum: now the proposer and the learner know the membership
	both("a1")
	for range 5 {
		p.Tick()
		l.Tick()
		a.Tick()
	}
	both("a2")
	for range 3 {
		p.Tick()
		l.Tick()
		a.Tick()
	}
	want := []LastHeard{{"a1", 8}, {"a2", 3}} // and a3 never
	for name, got := range map[string][]LastHeard{
		"proposer": p.Status().Heard, "learner": l.Status().Heard, "acceptor": a.Status().Heard,
	} {
		if !slices.Equal(got, want) {
			t.Errorf("the %s heard %v, want %v", name, got, want)
		}
	}
}

func TestWhoKnowsNoMembershipHasHeardNobody(t *testing.T) {
	p := NewProposer(ProposerOptions{Log: "main", ID: "p1", Process: Nonce{9}})
	p.Tick()
	if got := p.Status().Heard; len(got) > 0 {
		t.Errorf("heard %v", got)
	}
}
