package paxos

import (
	"fmt"
	"slices"
	"strings"
)

// maxRepeats bounds how many requests wait for one proposal.
const maxRepeats = 1024

// onPropose takes in proposals from a client: every proposer holds them, the leading one proposes
// them.
func (p *Proposer) onPropose(m *Propose) {
	holdings := make([]holding, len(m.Values))
	for i, value := range m.Values {
		h := &holdings[i]
		*h = holding{value: value, reply: m.Reply, since: p.now, after: p.puller.target}
		h.reply.Number += uint64(i)
		switch value.ID.Kind {
		case IDClient:
			p.onClientID(h)
		case IDReply:
			p.onReplyID(h)
		default:
			p.placeOnce(h)
		}
	}
}

// onClientID takes in a proposal with an id that must not be chosen twice.
func (p *Proposer) onClientID(h *holding) {
	id := h.value.ID
	if have := p.held.byID[id]; have != nil {
		p.repeat(have, h.reply)
		return
	}
	if slot, ok := p.held.takeUnclaimed(id); ok {
		p.holdChosen(h, slot)
		return
	}
	if slot, ok := p.ids.below(p.follower.learned+1, id); ok {
		h.isRepeat = true
		p.holdChosen(h, slot)
		return
	}
	if p.leadership != nil && p.leadership.placed[id] {
		h.isPlaced = true // recovered: answered when it is known to be chosen
		p.held.add(h)
		return
	}
	p.hold(h)
}

// repeat answers reply like the proposal that is held with the same id.
func (p *Proposer) repeat(have *holding, reply Reply) {
	if have.slot != 0 && p.leadership != nil {
		p.outcome(Outcome{Reply: reply, Code: OutcomeChosen, Slot: have.slot, Duplicate: true})
		return
	}
	if len(have.repeats) < maxRepeats && have.reply != reply && !slices.Contains(have.repeats, reply) {
		have.repeats = append(have.repeats, reply)
	}
	if have.slot != 0 {
		p.held.keepChosen(have, p.led)
	}
}

// onReplyID takes in a proposal that is known by its reply subject alone.
func (p *Proposer) onReplyID(h *holding) {
	if slot, ok := p.held.takeUnclaimed(h.value.ID); ok {
		p.holdChosen(h, slot)
		return
	}
	p.hold(h)
}

// hold holds a proposal that is new, and proposes it where this proposer leads.
func (p *Proposer) hold(h *holding) {
	if p.held.bytes+h.value.Size() > p.limits.Held {
		switch {
		case p.leadership != nil:
			p.outcome(Outcome{Reply: h.reply, Code: OutcomeOverloaded,
				Why: "the leader's queue is full: wait a moment and repeat with the same id"})
		case p.isLeaderless():
			p.tell(h, p.stalled()) // nobody holds it, so nobody would tell later
		}
		return
	}
	p.held.add(h)
	p.place(h)
}

// place queues a proposal where this proposer leads.
func (p *Proposer) place(h *holding) {
	if p.leadership != nil {
		h.isPlaced = true
		p.leadership.enqueue(h)
	}
}

// placeOnce queues a proposal without an id, which nobody holds or waits for, if the queue has
// room.
func (p *Proposer) placeOnce(h *holding) {
	if p.leadership != nil && p.leadership.queued+h.value.Size() <= p.limits.Held {
		p.place(h)
	}
}

// holdChosen holds a proposal that is known to be chosen in slot, for its answer.
func (p *Proposer) holdChosen(h *holding, slot Slot) {
	h.slot, h.value = slot, Value{ID: h.value.ID}
	p.held.add(h)
	p.held.keepChosen(h, p.led)
	p.answer(h)
}

// learn takes in values that are chosen, in slot order; live ones were not pulled.
func (p *Proposer) learn(run Run, live bool) {
	for i := range run.Values {
		id, slot := run.Values[i].ID, run.First+Slot(i)
		if id.Kind == IDNone {
			continue
		}
		p.ids.add(slot, id)
		if p.leadership != nil && id.Kind == IDClient {
			delete(p.leadership.placed, id)
		}
		if h := p.held.claim(id, slot, !live, p.led); h != nil {
			p.answer(h)
		} else if live {
			p.held.noteUnclaimed(id, slot, p.led)
		}
	}
}

// answer tells those who wait for h its slot, where this proposer leads: only leaders answer.
func (p *Proposer) answer(h *holding) {
	if p.leadership == nil {
		return
	}
	p.outcome(Outcome{Reply: h.reply, Code: OutcomeChosen, Slot: h.slot, Duplicate: h.isRepeat})
	for _, reply := range h.repeats {
		p.outcome(Outcome{Reply: reply, Code: OutcomeChosen, Slot: h.slot, Duplicate: true})
	}
}

func (p *Proposer) outcome(o Outcome) {
	if o.Reply != (Reply{}) {
		p.effects.Outcomes = append(p.effects.Outcomes, o)
	}
}

// takeOver answers what the old leader may have left unanswered, and queues what is held and was
// not recovered, in order of arrival.
func (p *Proposer) takeOver() {
	l := p.leadership
	for h := p.held.first; h != nil; h = h.next {
		h.isPlaced, h.isSent = false, false
		if h.slot != 0 {
			p.answer(h)
		}
	}
	p.pairRecovered(l.backlog.From(p.follower.learned + 1))
	for h := p.held.first; h != nil; h = h.next {
		if h.slot == 0 && !h.isPlaced {
			p.place(h)
		}
	}
}

// pairRecovered notes which of the proposals held are among the values recovered, one for one.
func (p *Proposer) pairRecovered(backlog Run) {
	following := map[ID]*holding{} // the next to be paired, of an id that was
	for i := range backlog.Values {
		id := backlog.Values[i].ID
		h, ok := following[id]
		if !ok {
			h = p.held.byID[id]
		}
		if h != nil && h.slot == 0 {
			h.isPlaced, h.isSent = true, true
			following[id] = h.sameID
		}
	}
}

// expire lets go of proposals seen chosen a while ago, and of those held for too long. One that is
// proposed in the ballot led in stays until it is known to be chosen: its id must not be proposed
// again meanwhile.
func (p *Proposer) expire() {
	p.held.expire(p.led - 4*p.timing.Patience)
	var next *holding
	for h := p.held.first; h != nil && p.now-h.since >= p.timing.Hold; h = next {
		next = h.next
		if h.slot == 0 && (p.leadership != nil || p.isLeaderless()) {
			p.tell(h, Outcome{Code: OutcomeNoLeader,
				Why: "no answer in time: it may still be chosen; repeat with the same id"})
		}
		if p.leadership == nil || !h.isSent || h.slot != 0 {
			p.held.drop(h)
		}
	}
}

// isLeaderless reports whether no leader was there for long enough to say so.
func (p *Proposer) isLeaderless() bool {
	return p.leadership == nil && p.now-p.leaderAt >= p.timing.Answer*3/4
}

// tellWaiting tells those who wait while there is no leader. What they proposed is held all the
// same.
func (p *Proposer) tellWaiting() {
	if !p.isLeaderless() {
		return
	}
	outcome := p.stalled()
	for h := p.held.first; h != nil && p.now-h.since >= p.timing.Answer; h = h.next {
		if h.slot == 0 {
			p.tell(h, outcome)
		}
	}
}

// tell tells those who wait for h, each once, why there is no answer.
func (p *Proposer) tell(h *holding, outcome Outcome) {
	for ; h.told <= len(h.repeats); h.told++ {
		outcome.Reply = h.reply
		if h.told > 0 {
			outcome.Reply = h.repeats[h.told-1]
		}
		p.outcome(outcome)
	}
}

// stalled says why there is no answer.
func (p *Proposer) stalled() Outcome {
	const advice = "not acknowledged, may still be chosen; repeat with the same id"
	if p.pinning.pinned == nil {
		return Outcome{Code: OutcomeNoQuorum, Why: p.pinning.waiting() + ": " + advice}
	}
	heard := p.peers.since(p.now - 2*p.timing.Hello)
	m := *p.pinning.pinned
	if len(heard) >= m.Quorum() {
		return Outcome{Code: OutcomeNoLeader, Why: "log " + p.log + " has no leader: " + advice}
	}
	missing := slices.DeleteFunc(m.IDs(), func(id string) bool {
		return slices.ContainsFunc(heard, func(one peer) bool { return one.id == id })
	})
	return Outcome{Code: OutcomeNoQuorum, Why: fmt.Sprintf("log %s hears %d of %d acceptors (needs %d; missing %s): %s",
		p.log, len(heard), len(m.Members), m.Quorum(), strings.Join(missing, ", "), advice)}
}
