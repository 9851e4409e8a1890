package e2e

import (
	"fmt"
	"slices"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// otherSender speaks of a ballot that belongs to another than the subject says.
func (s *stranger) otherSender() letter {
	ballot := s.known.ballot
	from := s.one("p1", "p2", "p0", "p9")
	if from == ballot.Proposer {
		ballot.Proposer = "p9"
	}
	ballot.Round += uint64(s.random.IntN(3))
	if s.random.IntN(2) == 0 {
		return s.packed("p."+from+".prepare", &paxos.Prepare{Ballot: ballot, First: 1})
	}
	return s.packed("p."+from+".accept", &paxos.Accept{Ballot: ballot, Chosen: absurd})
}

func (s *stranger) absurdRound() letter {
	ballot := paxos.Ballot{Round: absurd + s.random.Uint64N(absurd), Proposer: "p9"}
	if s.random.IntN(2) == 0 {
		return s.packed("p.p9.accept", &paxos.Accept{Ballot: ballot, Chosen: absurd})
	}
	return s.packed("p.p9.prepare", &paxos.Prepare{Ballot: ballot, First: 1})
}

// newcomer is one of very many workers.
func (s *stranger) newcomer() letter {
	role := s.one("p", "l", "c")
	id := fmt.Sprintf("%s%d", role, 100+s.random.IntN(5000))
	return s.packed(role+"."+id+".hello", &paxos.Hello{Process: s.nonce(), Position: absurd})
}

// liar is no proposer and no member, and says it heard more of a member's store than there is; now and then
// very often.
func (s *stranger) liar() letter {
	member := s.known.membership.Members[s.random.IntN(len(s.known.membership.Members))]
	heard := paxos.Heard{
		Acceptor: member.ID, Store: member.Store, Boot: 1000, Process: s.nonce(), Sequence: absurd,
	}
	hello := &paxos.Hello{Process: s.nonce(), Heard: []paxos.Heard{heard}}
	if s.random.IntN(50) == 0 {
		hello.Heard = slices.Repeat(hello.Heard, 10_000)
	}
	return s.packed(s.one("l.l9", "c.c9", "a.a9")+".hello", hello)
}

// otherMembership is the hello of an acceptor with a store, or a membership, that this log does not have.
func (s *stranger) otherMembership() letter {
	store := paxos.StoreID{byte(s.random.IntN(4))}
	other := &paxos.Membership{Epoch: 1}
	for _, id := range founders {
		other.Members = append(other.Members, paxos.Member{ID: id, Store: store})
	}
	hello := &paxos.Hello{Process: s.nonce(), Acceptor: &paxos.AcceptorHello{
		Store: store, Boot: 1, Began: []uint64{0}, Founders: founders, Membership: other, Free: true,
	}}
	tag := other.Tag("main")
	if s.random.IntN(2) == 0 {
		tag, hello.Acceptor.Membership = s.known.tag, nil
	}
	return letter{subject: "synod.main.a." + s.one("a1", "a7", "a8", "a9") + ".hello",
		data: codec.AppendMessage(nil, tag, hello)}
}

// prepare is of a proposer that nobody knows, and somewhat above the leader's ballot.
func (s *stranger) prepare() letter {
	ballot := paxos.Ballot{Round: s.known.ballot.Round + s.random.Uint64N(3), Proposer: "p9"}
	first := paxos.Slot(1 + s.random.IntN(absurd))
	return s.packed("p.p9.prepare", &paxos.Prepare{Ballot: ballot, First: first})
}

func (s *stranger) stop() letter {
	ballot := s.known.ballot
	if s.random.IntN(2) == 0 {
		ballot.Proposer = "p9"
	}
	return s.packed("p.p9.stop", &paxos.Stop{Ballot: ballot})
}

func (s *stranger) pull() letter {
	from := fmt.Sprintf("l.l%d", s.random.IntN(5000))
	first := paxos.Slot(1 + s.random.Uint64N(4)*(absurd/4))
	pull := &paxos.Pull{First: first, IDsOnly: s.random.IntN(2) == 0}
	return s.packed(from+".pull."+s.one(founders...), pull)
}

func (s *stranger) askStatus() letter {
	return letter{subject: "synod.main.status." + s.worker(), reply: "answers.of.nobody", data: []byte("{}")}
}

// vote is of an acceptor that is none, for what the leader proposes, or in an absurd round.
func (s *stranger) vote() letter {
	return s.packed("a.a9.accepted."+s.one("p1", "p2"), &paxos.Accepted{
		Ballot: s.absurdOr(s.known.ballot), Boot: 1, Sequence: absurd,
		Span: paxos.Span{First: 1, Last: absurd},
	})
}

func (s *stranger) absurdOr(ballot paxos.Ballot) paxos.Ballot {
	if s.random.IntN(2) == 0 {
		ballot.Round = absurd
	}
	return ballot
}

// promise is of an acceptor that is none.
func (s *stranger) promise() letter {
	return s.packed("a.a9.promise."+s.one("p1", "p2"), &paxos.Promise{
		Ballot: s.absurdOr(s.known.ballot), Boot: 1, Sequence: absurd, Settled: absurd, First: 1,
	})
}

// preempted tells the leader, as nobody who may, that another was promised its ballots.
func (s *stranger) preempted() letter {
	by := s.absurdOr(paxos.Ballot{Round: s.known.ballot.Round + 1, Proposer: "p9"})
	return s.packed("a.a9.preempted."+s.known.ballot.Proposer, &paxos.Preempted{Ballot: s.known.ballot, By: by})
}

// settled serves values that nobody proposed, to whoever believes them: they begin at every slot.
func (s *stranger) settled() letter {
	value := paxos.Value{Kind: paxos.KindValue, Data: []byte("forged")}
	run := paxos.Run{First: 1, Values: slices.Repeat([]paxos.Value{value}, 1+s.random.IntN(2000))}
	return s.packed("a.a9.settled."+s.worker(), &paxos.Settled{Run: run, Through: absurd})
}

// ahead is the hello of an acceptor that is none, and has settled more than anybody.
func (s *stranger) ahead() letter {
	return s.packed("a.a9.hello", &paxos.Hello{
		Process: s.nonce(), Ballot: s.absurdOr(s.known.ballot), Position: absurd, Highest: absurd,
		Acceptor: &paxos.AcceptorHello{
			Boot: 1, Founders: founders, Membership: &s.known.membership, Free: true,
		},
	})
}

// oldAccept proposes in a ballot below the leader's.
func (s *stranger) oldAccept() letter {
	run := paxos.Run{First: paxos.Slot(1 + s.random.IntN(1000)),
		Values: []paxos.Value{{Kind: paxos.KindValue, Data: []byte("forged")}}}
	return s.packed("p.p0.accept", &paxos.Accept{Ballot: paxos.Ballot{Round: 1, Proposer: "p0"}, Run: run})
}
