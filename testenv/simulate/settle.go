package simulate

import (
	"fmt"

	"github.com/synod-log/synod/paxos"
)

// repeatEvery is after how many rounds without an answer a client repeats its proposal.
const repeatEvery = 25

// settle lets rounds pass until all is well, and calls it a violation where it does not become so. Nothing is
// asked for where no quorum of acceptors, or no proposer, is sound.
func (w *World) settle(rounds int, isQuiet bool) {
	if !w.canSettle() {
		return
	}
	for n := range rounds {
		if n%repeatEvery == 0 && !isQuiet {
			w.repeatProposals()
		}
		w.round()
		if w.violation != nil {
			return
		}
		if w.unsettled(isQuiet) == "" {
			w.note("all is well after %d rounds", n+1)
			return
		}
	}
	w.violated("liveness", "after %d rounds without faults %s", rounds, w.unsettled(isQuiet))
}

// canSettle reports whether those workers that no fault touches any more are enough to go on: a quorum of
// acceptors that are free to vote, or all that found the log, and a proposer.
func (w *World) canSettle() bool {
	acceptors, free, proposers := 0, 0, 0
	for _, id := range w.present {
		switch {
		case !w.isSound(id):
		case id.isProposer():
			proposers++
		case id.isAcceptor():
			acceptors++
			if w.workers[id].disk.image.isFree {
				free++
			}
		}
	}
	return proposers > 0 && (free >= w.truth.quorum || acceptors == w.setup.Acceptors)
}

// isSound reports whether a worker runs, hears all others that run, and is heard by them.
func (w *World) isSound(id ID) bool {
	k := &w.workers[id]
	if k.state != running || k.doomed != Usual || k.faulty {
		return false
	}
	for _, other := range w.present {
		if w.network.deaf[id].has(other) || w.network.deaf[other].has(id) {
			if w.isTalker(other) {
				continue // that one is the unsound one
			}
			return false
		}
	}
	return true
}

// isTalker reports whether a proposer hears nobody, or is heard by nobody: then others are sound without it.
func (w *World) isTalker(id ID) bool {
	silent := idSet(0)
	for _, other := range w.present {
		if other != id && other.isAcceptor() && other != Twin && w.network.deaf[other].has(id) {
			silent.add(other)
		}
	}
	all := idSet(0)
	for _, other := range w.present {
		if other != id && other.isAcceptor() && other != Twin {
			all.add(other)
		}
	}
	return id.isProposer() && (w.network.deaf[id]&all == all || silent == all)
}

// unsettled says what is not well yet; nothing where all is well.
func (w *World) unsettled(isQuiet bool) string {
	end, leads := w.truth.highest, false
	for _, id := range w.present {
		k := &w.workers[id]
		if k.state == running && k.proposer != nil {
			leads = leads || k.proposer.Status().State == "leading"
		}
		if !w.isSound(id) {
			continue
		}
		reached := end
		switch {
		case k.acceptor != nil:
			reached = k.acceptor.Status().Settled
		case k.proposer != nil:
			reached = k.proposer.Status().Learned
		case k.learner != nil:
			reached = k.next - 1
		}
		if reached < end {
			return fmt.Sprintf("%v is at slot %d of %d", id, reached, end)
		}
	}
	if !leads {
		return "nobody leads"
	}
	for i := range w.proposals {
		if p := &w.proposals[i]; w.isOwed(p, isQuiet) && !w.isChosen(p) {
			return fmt.Sprintf("%s is not chosen", p.name)
		}
		if p := &w.proposals[i]; !isQuiet && p.value.ID.Kind == paxos.IDClient && !p.isOut {
			return fmt.Sprintf("the client was not told the slot of %s", p.name)
		}
	}
	return ""
}

// isOwed reports whether a proposal must be chosen: one that the client repeats, or one with an id that every
// proposer that runs has held since it was proposed.
func (w *World) isOwed(p *proposal, isQuiet bool) bool {
	if !isQuiet && p.value.ID.Kind == paxos.IDClient {
		return true
	}
	if p.value.ID.Kind == paxos.IDNone {
		return false
	}
	for _, id := range w.present {
		if id.isProposer() && w.workers[id].state == running && !p.held.has(id) {
			return false
		}
	}
	return true
}
