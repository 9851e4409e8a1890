package simulate

import (
	"fmt"

	"github.com/synod-log/synod/paxos"
)

// repeatEvery is after how many rounds without an answer a client repeats its proposal.
const repeatEvery = 25

// settle lets rounds pass until all is well, and calls it a violation where it does not become so. Nothing is
// asked for where no quorum of acceptors, or no proposer, is sound.
func (w *World) settle(rounds int, mode Mode) {
	if !w.canSettle() || mode == Storm && !w.isLed() {
		return // who campaigns without end keeps others from the lead, but does not take it from them
	}
	isQuiet := mode == Quiet
	w.noteOwed()
	for n := range rounds {
		if n%repeatEvery == 0 && !isQuiet {
			w.repeatProposals()
		}
		if mode == Storm {
			w.flood(Operation{Pick: Pick{Kind: PrepareKind}, N: 1})
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

// isLed lets a few rounds pass, so that all acceptors hear from a leader, and reports whether a sound one leads.
func (w *World) isLed() bool {
	for range 4 {
		w.round()
	}
	for _, id := range w.present {
		if id.isProposer() && w.isSound(id) && w.workers[id].proposer.Status().State == "leading" {
			return true
		}
	}
	return false
}

// drain lets rounds pass until nothing waits anywhere, and calls it a violation where something still does.
func (w *World) drain(rounds int) {
	if !w.canSettle() {
		return
	}
	for range rounds {
		if w.round(); w.violation != nil || w.waiting() == "" {
			return
		}
	}
	w.violated("drain", "after %d rounds without faults and proposals %s", rounds, w.waiting())
}

// waiting says what waits somewhere; nothing where nothing does.
func (w *World) waiting() string {
	if w.network.onWire > 0 {
		return fmt.Sprintf("%d messages are on their way", w.network.onWire)
	}
	for _, id := range w.present {
		k := &w.workers[id]
		if k.state == running && len(k.waits)+len(k.reads) > 0 {
			return fmt.Sprintf("%d messages and %d pulls wait for %v", len(k.waits), len(k.reads), id)
		}
		switch {
		case !w.isSound(id):
		case k.acceptor != nil:
			// What it accepted above the end of the log, and nobody recovered, stays until the log grows.
			if s := k.acceptor.Status(); s.TailBytes > 0 && s.Settled < w.truth.highest {
				return fmt.Sprintf("%v holds a tail of %d bytes", id, s.TailBytes)
			}
		case k.proposer != nil:
			if s := k.proposer.Status(); s.Held+s.HeldBytes+s.InFlight > 0 {
				return fmt.Sprintf("%v holds %d proposals of %d bytes, %d are in flight", id, s.Held, s.HeldBytes,
					s.InFlight)
			}
		}
	}
	return ""
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
	if text := w.unanswered(isQuiet); text != "" {
		return text
	}
	end, leads := w.truth.highest, false
	for _, id := range w.present {
		k := &w.workers[id]
		reached := end
		switch isSound := w.isSound(id); {
		case k.state != running:
		case k.acceptor != nil && isSound:
			reached = k.acceptor.Status().Settled
		case k.proposer != nil:
			status := k.proposer.Status()
			leads = leads || status.State == "leading"
			if isSound {
				reached = status.Learned
			}
		case k.learner != nil && isSound:
			reached = k.next - 1
		}
		if reached < end {
			return fmt.Sprintf("%v is at slot %d of %d", id, reached, end)
		}
	}
	if !leads {
		return "nobody leads"
	}
	return ""
}

// unanswered says what clients still wait for; nothing where they wait for nothing.
func (w *World) unanswered(isQuiet bool) string {
	proposers := w.runningProposers()
	for i := range w.proposals {
		switch p := &w.proposals[i]; {
		case !p.isChosen && w.isOwed(p, proposers, isQuiet):
			return fmt.Sprintf("%s is not chosen", p.name)
		case !isQuiet && p.value.ID.Kind == paxos.IDClient && !p.isOut:
			return fmt.Sprintf("the client was not told the slot of %s", p.name)
		}
	}
	if !isQuiet {
		return ""
	}
	for i := range w.requests {
		r := &w.requests[i]
		p := &w.proposals[r.proposal]
		if r.isOwed && !r.isTold && r.held&proposers == proposers {
			return fmt.Sprintf("request %d, for %s, is not answered", i, p.name)
		}
	}
	return ""
}

// noteOwed notes the requests that must be answered though the client does not repeat them: those that every
// proposer holds. A proposer that has seen a value chosen lets go of it after 32 ticks with a leader, and one that
// is dead or deaf may be taken for a leader for most of them; so no more than a few may have passed.
func (w *World) noteOwed() {
	proposers := w.runningProposers()
	for i := range w.requests {
		r := &w.requests[i]
		p := &w.proposals[r.proposal]
		r.isOwed = p.value.ID.Kind != paxos.IDNone && r.held&proposers == proposers && !w.mayRefuse()
		for n, then := range p.chosenAt {
			if p.isChosen && w.workers[firstProposer+ID(n)].ticks-then > 6 {
				r.isOwed = false
			}
		}
	}
}

// isOwed reports whether a proposal must be chosen: one that the client repeats, or one with an id that every
// proposer that runs has held since it was proposed.
func (w *World) isOwed(p *proposal, proposers idSet, isQuiet bool) bool {
	if !isQuiet && p.value.ID.Kind == paxos.IDClient {
		return true
	}
	return p.value.ID.Kind != paxos.IDNone && p.held&proposers == proposers && !w.mayRefuse() &&
		w.setup.Hold > settleRounds // else they have let go of it before they must see it chosen
}

// mayRefuse reports whether a proposer may have had no room for a proposal that it was handed: it says so only
// where it leads, or nobody does.
func (w *World) mayRefuse() bool { return w.isFlooded || len(w.requests) > w.setup.Held }

func (w *World) runningProposers() (all idSet) {
	for _, id := range w.present {
		if id.isProposer() && w.workers[id].state == running {
			all.add(id)
		}
	}
	return all
}
