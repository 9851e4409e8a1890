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
	reply := m.Reply
	for rest := m.Values; len(rest) > 0; {
		n := p.takeIn(rest, reply)
		rest = rest[n:]
		reply.Number += uint64(n)
	}
}

// takeIn takes in the first of some values, and as many more as can be held as one; it returns how many.
func (p *Proposer) takeIn(values []Value, reply Reply) int {
	n := 1
	if values[0].ID.Kind == IDClient {
		n = p.newTogether(values)
	}
	h := newHolding(values[:n:n])
	h.reply, h.since, h.after = reply, p.now, p.puller.target
	switch values[0].ID.Kind {
	case IDClient:
		p.onClientIDs(h)
	case IDReply:
		p.onReplyID(h)
	default:
		p.placeOnce(h)
	}
	return n
}

// newTogether returns how many of the first values have ids of one range of which nothing is known yet, and
// fit one run; 1 where something may be known of one of them.
func (p *Proposer) newTogether(values []Value) int {
	ids := rangeOf(values)
	if ids.count == 1 || p.held.holds(ids) || len(p.held.unclaimed) > 0 || p.ids.knows(ids) ||
		p.leadership != nil && len(p.leadership.placed) > 0 {
		return 1
	}
	return len(Run{Values: values[:ids.count]}.Fitting(p.limits.Run, true).Values)
}

// onClientIDs takes in a proposal with an id that must not be chosen twice, or several that are all new.
func (p *Proposer) onClientIDs(h *holding) {
	if h.ids.count > 1 {
		p.hold(h)
		return
	}
	id := h.values[0].ID
	if have, place := p.held.find(id); have != nil {
		p.repeat(have, place, h.reply)
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
	// What was recovered is proposed already, and answered when it is known to be chosen.
	h.isPlaced = p.leadership != nil && p.leadership.placed[id]
	p.hold(h)
}

// repeat answers reply like the proposal at a place of those held, which has the same id.
func (p *Proposer) repeat(have *holding, place int, reply Reply) {
	if have.slot != 0 && p.leadership != nil {
		p.outcome(Outcome{Reply: reply, Code: OutcomeChosen, Slot: have.slot + Slot(place), Duplicate: true})
		return
	}
	again := repeat{place: place, reply: reply}
	if len(have.repeats) < maxRepeats && have.replyTo(place) != reply && !slices.Contains(have.repeats, again) {
		have.repeats = append(have.repeats, again)
	}
	if have.slot != 0 {
		p.held.keepChosen(have, p.led)
	}
}

// onReplyID takes in a proposal that is known by its reply subject alone.
func (p *Proposer) onReplyID(h *holding) {
	if slot, ok := p.held.takeUnclaimed(h.replyID); ok {
		p.holdChosen(h, slot)
		return
	}
	p.hold(h)
}

// hold holds a proposal that is new, and proposes it where this proposer leads and has not recovered it.
func (p *Proposer) hold(h *holding) {
	isFull := p.held.bytes+h.size > p.limits.Held
	if isFull && p.followsLeader() {
		p.held.makeRoom(p.limits.Held / 8 * 7) // an eighth at a time: to find the oldest takes a walk
		isFull = p.held.bytes+h.size > p.limits.Held
	}
	switch {
	case p.leadership != nil && (isFull || !p.leadership.hasRoom(p.mostWait())):
		p.refuse(h)
		return
	case isFull:
		if p.isLeaderless() {
			p.tell(h, p.stalled()) // nobody holds it, so nobody would tell later
		}
		return
	}
	p.held.add(h)
	if !h.isPlaced {
		p.place(h)
	}
}

// followsLeader reports whether another proposer was heard to lead within the patience. A full standby
// then holds the newest proposals: the oldest are those that the leader has refused, or has had chosen. Where
// nobody leads it keeps the oldest, which wait for it.
func (p *Proposer) followsLeader() bool {
	return p.leadership == nil && p.candidacy == nil && p.leaderAt > 0 && p.now-p.leaderAt < p.timing.Patience
}

// mostWait is how many ticks a proposal may be expected to wait.
func (p *Proposer) mostWait() int {
	if p.timing.Wait < 0 {
		return longestWait + 1
	}
	return p.timing.Wait
}

// refuse tells who proposed h, while it leads, that the queue is full: rather at once, and with a time to
// come back, than to have everyone wait for what they will have given up.
func (p *Proposer) refuse(h *holding) {
	p.overloaded += uint64(h.count())
	p.outcome(Outcome{
		Reply: h.reply, More: h.count() - 1, Code: OutcomeOverloaded, Retry: p.leadership.retry(),
		Why: "the leader's queue is full: wait a moment and repeat with the same id",
	})
}

// place queues a proposal where this proposer leads.
func (p *Proposer) place(h *holding) {
	if p.leadership != nil {
		h.isPlaced = true
		p.leadership.queue.add(h)
	}
}

// placeOnce queues a proposal without an id, which nobody holds or waits for, if the queue has
// room.
func (p *Proposer) placeOnce(h *holding) {
	switch l := p.leadership; {
	case l == nil:
	case l.queue.bytes+h.size <= p.limits.Held && l.hasRoom(p.mostWait()):
		p.place(h)
	default:
		p.refuse(h)
	}
}

// holdChosen holds a proposal that is known to be chosen in slot, for its answer.
func (p *Proposer) holdChosen(h *holding, slot Slot) {
	h.slot, h.values, h.size = slot, nil, 0
	p.held.add(h)
	p.held.keepChosen(h, p.led)
	p.answer(h)
}

// learn takes in values that are chosen, in slot order; live ones were not pulled.
func (p *Proposer) learn(run Run, live bool) {
	for !run.IsEmpty() {
		n := 1
		switch run.Values[0].ID.Kind {
		case IDClient:
			n = p.learnClients(run, live)
		case IDReply:
			p.learnReply(run.Values[0].ID, run.First, live)
		}
		run = run.From(run.First + Slot(n))
	}
}

func (p *Proposer) learnReply(id ID, slot Slot, live bool) {
	if h := p.held.claimReply(id, slot, !live, p.led); h != nil {
		p.answer(h)
	} else if live {
		p.held.noteUnclaimed(id, slot, p.led)
	}
}

// learnClients takes in the first of the values and those whose ids follow it, and returns how many.
func (p *Proposer) learnClients(run Run, live bool) int {
	ids := rangeOf(run.Values)
	p.ids.add(run.First, ids)
	if p.leadership != nil && len(p.leadership.placed) > 0 {
		for i := range ids.count {
			delete(p.leadership.placed, run.Values[i].ID)
		}
	}
	for at := 0; at < ids.count; {
		slot := run.First + Slot(at)
		h, n := p.isolate(run.Values[at:ids.count])
		if h != nil {
			p.held.claim(h, slot, p.led)
			p.answer(h)
		} else if live {
			p.held.noteUnclaimed(run.Values[at].ID, slot, p.led)
		}
		at += n
	}
	return ids.count
}

// isolate returns what is held, without a slot, under the first of some ids that follow each other and as
// many more as it has, alone in its holding, and how many values that are: none, and 1, where the first is
// not held so.
func (p *Proposer) isolate(values []Value) (*holding, int) {
	h, place := p.held.find(values[0].ID)
	if h == nil || h.slot != 0 {
		return nil, 1
	}
	if place > 0 {
		h = p.split(h, place)
	}
	if h.count() > len(values) {
		p.split(h, len(values))
	}
	return h, h.count()
}

// split makes two holdings of one, wherever that is.
func (p *Proposer) split(h *holding, n int) *holding {
	rest := p.held.split(h, n)
	if l := p.leadership; l != nil && l.queue.last == h {
		l.queue.last = rest
	}
	return rest
}

// answer tells those who wait for h its slot, where this proposer leads: only leaders answer.
func (p *Proposer) answer(h *holding) {
	if p.leadership == nil {
		return
	}
	p.outcome(Outcome{Reply: h.reply, More: h.count() - 1, Code: OutcomeChosen, Slot: h.slot, Duplicate: h.isRepeat})
	for _, r := range h.repeats {
		p.outcome(Outcome{Reply: r.reply, Code: OutcomeChosen, Slot: h.slot + Slot(r.place), Duplicate: true})
	}
}

func (p *Proposer) outcome(o Outcome) {
	if o.Reply.To != "" {
		p.effects.Outcomes = append(p.effects.Outcomes, o)
	}
}

// takeOver answers what the old leader may have left unanswered, and queues what is held and was
// not recovered, in order of arrival.
func (p *Proposer) takeOver() {
	l := p.leadership
	for h := p.held.first; h != nil; h = h.next {
		h.isPlaced, h.isSent, h.isQueued, h.queued = false, false, false, nil
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
	following := map[ID]*holding{} // of a reply's id that was recovered, the next to be paired
	for i := 0; i < len(backlog.Values); {
		h, n := (*holding)(nil), 1
		switch id := backlog.Values[i].ID; id.Kind {
		case IDClient:
			h, n = p.isolate(backlog.Values[i : i+rangeOf(backlog.Values[i:]).count])
		case IDReply:
			var ok bool
			if h, ok = following[id]; !ok {
				h = p.held.byReply[id]
			}
			if h != nil {
				following[id] = h.sameID
			}
		}
		if h != nil {
			h.isPlaced, h.isSent = true, true
		}
		i += n
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
		outcome.Reply, outcome.More = h.reply, h.count()-1
		if h.told > 0 {
			outcome.Reply, outcome.More = h.repeats[h.told-1].reply, 0
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
