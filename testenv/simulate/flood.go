package simulate

import (
	"strconv"

	"github.com/synod-log/synod/paxos"
)

// flood has strangers send a worker, or all, many messages of one kind, as valid as a stranger can make them.
// Prepares, pulls and hellos take the wire like any other message, and may do what such messages do; the rest
// only members may send, and they must change nothing. From now on, limits are judged at each step.
func (w *World) flood(op Operation) {
	w.isFlooded = true
	for _, id := range w.present {
		if k := &w.workers[id]; op.Who == None || op.Who == id {
			for n := range max(op.N, 1) {
				w.floodOne(k, op.Pick.Kind, n)
			}
		}
	}
}

func (w *World) floodOne(k *worker, kind Kind, n int) {
	m := paxos.Message{From: paxos.Address{Role: paxos.RoleAcceptor, ID: Stranger.String()}, Tag: w.tag}
	switch kind {
	case PrepareKind:
		if k.disk == nil {
			return
		}
		w.faults[Stormed]++
		m.From.Role = paxos.RoleProposer
		m.Body = &paxos.Prepare{Ballot: w.stormBallot(k, n), First: 1}
	case PullKind:
		m.From = paxos.Address{Role: paxos.RoleLearner, ID: "x" + strconv.Itoa(n)}
		m.Body = &paxos.Pull{First: 1, IDsOnly: n%2 == 0}
	case HelloKind:
		m.From.ID = "x" + strconv.Itoa(n)
		m.Body = &paxos.Hello{
			Process: paxos.Nonce{0xff, byte(n >> 8), byte(n)}, Position: w.truth.highest + 9,
			Ballot:   paxos.Ballot{Round: 1 << 40, Proposer: Stranger.String()},
			Acceptor: &paxos.AcceptorHello{Boot: 1, Membership: &w.founded, Free: true},
		}
	default:
		if k.state == running {
			w.forge(k, kind, m)
		}
		return
	}
	w.faults[FloodedBy]++
	w.network.put(k.id, letter{from: Stranger, kind: kind, message: w.network.keep(m)})
}

// stormBallot is above all that an acceptor has promised or will soon be asked to.
func (w *World) stormBallot(k *worker, n int) paxos.Ballot {
	return paxos.Ballot{Round: k.disk.image.promised.Round + 1 + uint64(n), Proposer: Stranger.String()}
}

// forge hands a worker what only members may say, or only the owner of a ballot, from neither.
func (w *World) forge(k *worker, kind Kind, m paxos.Message) {
	ballot, learned := k.ballot(), w.truth.highest
	if ballot.Proposer == Stranger.String() {
		return // its own
	}
	span := paxos.Span{First: 1, Last: learned + 9}
	run := paxos.Run{First: learned + 1, Values: []paxos.Value{{Kind: paxos.KindValue, Data: []byte("forged")}}}
	switch kind {
	case PromiseKind:
		m.Body = &paxos.Promise{Ballot: ballot, Boot: 1, Sequence: 9, Settled: learned + 9, First: learned + 10}
	case AcceptedKind:
		m.Body = &paxos.Accepted{Ballot: ballot, Boot: 1, Sequence: 9, Span: span}
	case PreemptedKind:
		by := ballot
		by.Round++
		m.Body = &paxos.Preempted{Ballot: ballot, By: by}
	case SettledKind:
		m.Body = &paxos.Settled{Run: run, Through: learned + 9}
	case AcceptKind:
		m.From.Role = paxos.RoleProposer
		m.Body = &paxos.Accept{Ballot: ballot, Run: run, Chosen: learned + 1}
	case ChosenKind:
		m.From.Role = paxos.RoleProposer
		m.Body = &paxos.Chosen{Ballot: ballot, Through: learned + 9}
	case StopKind:
		m.From.Role = paxos.RoleProposer
		m.Body = &paxos.Stop{Ballot: ballot}
	default:
		return
	}
	w.faults[Forged]++
	w.mustIgnore(k, "I9", m)
}

// ballot is the one that a worker promised, leads or follows.
func (k *worker) ballot() paxos.Ballot {
	switch {
	case k.acceptor != nil:
		return k.acceptor.Status().Promised
	case k.proposer != nil:
		return k.proposer.Status().Ballot
	}
	return k.learner.Status().Ballot
}

// judgeLimits holds what waits in a worker against its bounds.
func (w *World) judgeLimits(k *worker) {
	limits := w.setup.limits()
	switch {
	case k.acceptor != nil:
		if s := k.acceptor.Status(); s.TailBytes > 2*limits.Tail+limits.Run {
			w.violated("limit", "%v holds a tail of %d bytes, limit %d", k.id, s.TailBytes, limits.Tail)
		}
	case k.proposer != nil:
		s := k.proposer.Status()
		if s.HeldBytes > limits.Held {
			w.violated("limit", "%v holds proposals of %d bytes, limit %d", k.id, s.HeldBytes, limits.Held)
		}
		if most := (min(limits.Flight, limits.Tail/4) + limits.Run + valueSize) / leastSize; s.InFlight > most {
			w.violated("limit", "%v has %d values in flight, limit %d", k.id, s.InFlight, most)
		}
	}
}

// leastSize is what the smallest value counts for.
var leastSize = paxos.Noop().Size()
