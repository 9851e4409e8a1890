package simulate

import (
	"cmp"
	"slices"

	"github.com/synod-log/synod/paxos"
)

// explorer expands states, one goroutine's worth.
type explorer struct {
	*search
	world  World
	mover  mover
	hasher stateHasher
	copier stateCopier
	moves  []move
	found  []*global // states met first by this explorer
	ways   []arrival // how it came to them
	failed *failed
	steps  map[stepKey]*step
}

// newExplorer returns an explorer whose world is at the beginning.
func newExplorer(s *search) *explorer {
	e := &explorer{search: s, steps: map[stepKey]*step{}}
	e.world.Reset(s.Setup, 0)
	s.prefix = s.begin(&e.world)
	e.mover.world = &e.world
	return e
}

// expand makes every move that a state allows.
func (e *explorer) expand(g *global) {
	e.moves = e.candidates(g, e.moves[:0])
	nexts := make([]uint32, 0, len(e.moves))
	for _, v := range e.moves {
		next, violation := e.after(g, v)
		if violation != nil && (e.failed == nil || violation.Text < e.failed.violation.Text) {
			e.failed = &failed{arrival{g.number, v}, violation}
		}
		if next == nil {
			continue
		}
		e.made.Add(1)
		number, isNew := e.meet(next.hash(len(e.present)))
		nexts = append(nexts, number)
		if isNew {
			next.number = number
			e.found = append(e.found, next)
			e.ways = append(e.ways, arrival{g.number, v})
		}
	}
	if len(nexts) == 0 {
		e.ends.Add(1)
	}
	e.nexts[g.number] = nexts
}

// after returns the state after a move, if it is one and within bounds.
func (e *explorer) after(g *global, v move) (*global, *Violation) {
	isWide := v.kind == crashes || v.kind == arrivesUnsent // all hear who starts again
	if isWide {
		return e.afterWide(g, v)
	}
	at := slices.Index(e.present, v.who)
	key := stepKey{g.locals[at], g.common, v}
	step, isKnown := e.steps[key]
	if !isKnown {
		step = e.take(g, v)
		if len(e.steps) >= mostSteps {
			clear(e.steps)
		}
		e.steps[key] = step
	}
	next := &global{locals: g.locals, wires: g.wires, common: step.common, used: g.used}
	if !step.isMove || !e.spend(&next.used, v, step.beginsBallot) {
		return nil, nil
	}
	if step.violation != nil {
		return nil, step.violation
	}
	next.locals[at] = step.local
	if v.kind == arrives {
		next.wires[at] = e.wireWithout(g.wires[at], v.letter)
	}
	for i := range e.present {
		if len(step.sent[i]) > 0 {
			next.wires[i] = e.wireWith(next.wires[i], step.sent[i])
		}
	}
	return next, nil
}

// stepKey is all that what a worker does depends on, and how that is judged.
type stepKey struct {
	local  *local
	common *common
	move   move
}

// step is what comes of a move of one worker.
type step struct {
	isMove       bool
	beginsBallot bool
	violation    *Violation
	local        *local
	common       *common
	sent         [mostWorkers][]*sealed
}

// mostSteps bounds the steps that an explorer remembers: past it, it begins anew.
const mostSteps = 1 << 20

// take has the world do what a move of one worker means.
func (e *explorer) take(g *global, v move) *step {
	e.unseal(g, v.who, false)
	k := &e.world.workers[v.who]
	wasCandidate := k.isCandidate()
	s := &step{isMove: e.mover.make(v)}
	s.beginsBallot = !wasCandidate && k.isCandidate()
	if s.violation = e.world.violation; !s.isMove || s.violation != nil {
		return s
	}
	s.local, s.common = e.sealLocal(k), e.sealCommon()
	for i, id := range e.present {
		for _, l := range e.world.network.wires[id] {
			if id != v.who || !g.wires[i].has(l) {
				s.sent[i] = append(s.sent[i], e.sealLetter(l))
			}
		}
	}
	return s
}

// afterWide is after for moves that all workers take part in.
func (e *explorer) afterWide(g *global, v move) (*global, *Violation) {
	e.unseal(g, v.who, true)
	next := &global{used: g.used}
	if !e.mover.make(v) || !e.spend(&next.used, v, false) {
		return nil, nil
	}
	if e.world.violation != nil {
		return nil, e.world.violation
	}
	whole := e.sealAll()
	next.common, next.locals, next.wires = whole.common, whole.locals, whole.wires
	return next, nil
}

// unseal brings the explorer's world to a state. Only what the move touches is copied and laid on wires.
func (e *explorer) unseal(g *global, who ID, isWide bool) {
	w := &e.world
	w.violation = nil
	w.network.reset()
	for i, id := range e.present {
		w.workers[id] = g.locals[i].worker
		if isWide || id == who {
			w.workers[id] = *deepCopy(&e.copier, &g.locals[i].worker)
			for _, l := range g.wires[i].letters {
				w.network.put(id, l.letter)
			}
		}
	}
	c := deepCopy(&e.copier, g.common)
	w.truth, w.voting, w.acknowledged = c.truth, c.voting, c.acknowledged
	w.proposals, w.requests = c.proposals, c.requests
	e.mover.done = e.mover.done[:0]
}

// sealAll makes a state of the whole world.
func (e *explorer) sealAll() *global {
	g := &global{common: e.sealCommon()}
	for i, id := range e.present {
		g.locals[i] = e.sealLocal(&e.world.workers[id])
		var letters []*sealed
		for _, l := range e.world.network.wires[id] {
			letters = append(letters, e.sealLetter(l))
		}
		g.wires[i] = e.sealWire(letters)
	}
	return g
}

// sealLocal returns the state that a worker is in. The world's worker must not be used any more.
func (e *explorer) sealLocal(k *worker) *local {
	hash := e.hasher.hashOf(k)
	if known := e.locals.get(hash); known != nil {
		return known
	}
	return e.locals.put(hash, &local{worker: *k, hash: hash})
}

// sealWire returns the wire that has these letters, which it puts in order.
func (e *explorer) sealWire(letters []*sealed) *wire {
	slices.SortFunc(letters, func(a, b *sealed) int {
		return cmp.Or(cmp.Compare(a.sequence, b.sequence), cmp.Compare(a.hash, b.hash))
	})
	hash := uint64(len(letters))
	for _, l := range letters {
		hash = mix(hash ^ l.hash)
	}
	if known := e.wires.get(hash); known != nil {
		return known
	}
	return e.wires.put(hash, &wire{letters, hash})
}

func (e *explorer) wireWith(w *wire, sent []*sealed) *wire {
	return e.sealWire(append(slices.Clone(w.letters), sent...))
}

func (e *explorer) wireWithout(w *wire, arrived *sealed) *wire {
	at := slices.Index(w.letters, arrived)
	return e.sealWire(slices.Delete(slices.Clone(w.letters), at, at+1))
}

func (w *wire) has(l letter) bool {
	return slices.ContainsFunc(w.letters, func(s *sealed) bool { return s.message == l.message })
}

func (e *explorer) sealLetter(l letter) *sealed {
	hash := e.hasher.hashOf(l.message)
	if known := e.letters.get(hash); known != nil {
		return known
	}
	m := *l.message
	l.message = &m
	s := &sealed{letter: l, hash: hash}
	if hello, isHello := m.Body.(*paxos.Hello); isHello && hello.Acceptor != nil {
		s.sequence = hello.Acceptor.Sequence
	}
	return e.letters.put(hash, s)
}

func (e *explorer) sealCommon() *common {
	w := &e.world
	c := &common{
		truth: w.truth, voting: w.voting, proposals: w.proposals, requests: w.requests,
		acknowledged: w.acknowledged,
	}
	c.hash = e.hasher.hashCommon(c)
	if known := e.commons.get(c.hash); known != nil {
		return known
	}
	return e.commons.put(c.hash, c)
}
