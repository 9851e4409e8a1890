package client

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// facts puts together what a look heard.
func (o *Observer) facts() StatusFacts {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	facts := StatusFacts{Log: o.log, LastHeard: make(map[string]time.Duration), Blind: o.blind()}
	now := time.Now()
	for _, from := range o.sorted() {
		worker := o.workers[from]
		if !worker.isThere && now.Sub(worker.at) > o.window {
			continue // it left since
		}
		worker.answer.lastHeard(facts.LastHeard)
		if m, ok := worker.answer.membership(o.log); ok && from.Role != paxos.RoleAcceptor {
			facts.Told = append(facts.Told, m)
		}
		worker.addTo(&facts, from)
	}
	for id, at := range o.heardAt {
		keepShortest(facts.LastHeard, id, now.Sub(at))
	}
	o.addForeign(&facts)
	o.addCaptures(&facts)
	return facts
}

// blind says why nothing can be heard; empty where something could.
func (o *Observer) blind() string {
	if !o.conn.IsConnected() {
		return "the connection to NATS is lost; it is tried again"
	}
	err, hellos := o.conn.LastError(), o.subjects.Hellos()
	if errors.Is(err, nats.ErrPermissionViolation) && strings.Contains(err.Error(), hellos) {
		return "this NATS user may not listen to " + hellos + ": allow it, or use another user"
	}
	return ""
}

func (o *Observer) sorted() []paxos.Address {
	all := make([]paxos.Address, 0, len(o.workers))
	for from := range o.workers {
		all = append(all, from)
	}
	slices.SortFunc(all, func(a, b paxos.Address) int {
		return strings.Compare(a.String(), b.String())
	})
	return all
}

// addTo adds what a worker says of itself. Its answer is later than its hello, where it gave one.
func (w *observed) addTo(facts *StatusFacts, from paxos.Address) {
	hello, answer := w.hello, &w.answer
	switch from.Role {
	case paxos.RoleAcceptor:
		facts.Acceptors = append(facts.Acceptors, w.acceptor(facts.Log, from.ID))
	case paxos.RoleProposer:
		facts.Proposers = append(facts.Proposers, w.proposer(facts.Log, from.ID))
	case paxos.RoleLearner:
		facts.Learners = append(facts.Learners, LearnerFacts{
			ID: from.ID, IsTwice: w.isTwice, Waiting: answer.Waiting,
			Learned: max(hello.Position, answer.Learned), Target: answer.Target, Delivered: answer.Delivered,
		})
	case paxos.RoleClient:
		facts.Clients++
	}
}

func (w *observed) acceptor(log, id string) AcceptorFacts {
	hello, answer := w.hello, &w.answer
	a := AcceptorFacts{
		ID: id, IsTwice: w.isTwice, Waiting: answer.Waiting,
		Store: hello.Acceptor.Store, Boot: hello.Acceptor.Boot, Founders: hello.Acceptor.Founders,
		Membership: hello.Acceptor.Membership, IsFree: hello.Acceptor.Free || answer.Voting,
		Promised: hello.Ballot, Settled: max(hello.Position, answer.Settled),
		Highest: max(hello.Highest, answer.Highest),
	}
	if ballot := readBallot(answer.Promised); !ballot.IsZero() {
		a.Promised = ballot
	}
	if m, ok := answer.membership(log); ok && a.Membership == nil {
		a.Membership = &m
	}
	return a
}

func (w *observed) proposer(log, id string) ProposerFacts {
	hello, answer := w.hello, &w.answer
	p := ProposerFacts{
		ID: id, IsTwice: w.isTwice, Tag: w.tag, IsLeading: hello.Leading, Ballot: hello.Ballot,
		State: answer.State, Waiting: answer.Waiting, Learned: max(hello.Position, answer.Learned),
		Held: answer.Held, Flight: answer.InFlight,
	}
	if p.State != "" {
		p.IsLeading, p.Ballot = p.State == leading, readBallot(answer.Ballot)
	}
	if m, ok := answer.membership(log); ok {
		p.Tag = m.Tag(log)
	}
	return p
}

func (o *Observer) addForeign(facts *StatusFacts) {
	for from, why := range o.foreign {
		facts.Foreign = append(facts.Foreign, ForeignFacts{From: from, Why: why})
	}
	slices.SortFunc(facts.Foreign, func(a, b ForeignFacts) int {
		return strings.Compare(a.From.String(), b.From.String())
	})
}

func (o *Observer) addCaptures(facts *StatusFacts) {
	for _, verb := range []codec.Verb{codec.VerbPropose, codec.VerbRead} {
		subject := o.subjects.Propose()
		if verb == codec.VerbRead {
			subject = o.subjects.Read()
		}
		for _, stream := range o.captures[string(verb)] {
			facts.Captures = append(facts.Captures, CaptureFacts{Stream: stream, Subject: subject})
		}
	}
}
