package simulate

import "github.com/synod-log/synod/paxos"

// send puts a message on the wires of all that listen.
func (w *World) send(k *worker, message paxos.Message) {
	m := w.network.keep(message)
	k.tag = m.Tag
	w.judgeSent(k, m)
	w.noteSent(k, m)
	l := letter{from: k.id, kind: kindOf(m.Body), message: m}
	if m.To != (paxos.Address{}) {
		w.sendTo(m.To, l)
		return
	}
	for _, id := range w.present {
		if l.kind.heardBy(id) && (id != k.id || w.setup.Echo) && w.workers[id].member != Twin &&
			!(l.kind == HelloKind && w.isIdle(k, id)) {
			w.network.put(id, l)
		}
	}
}

// isIdle reports whether a hello changes nothing, so that the world need not carry it: learners' hellos, and
// those of proposers to all but acceptors, are heeded once for each process. They would be a fifth of all
// messages.
func (w *World) isIdle(from *worker, to ID) bool {
	return (from.learner != nil || from.proposer != nil && !to.isAcceptor()) &&
		w.workers[to].knows[from.id] == from.process
}

// sendTo puts a letter on the wires of all workers with an address: an acceptor and its twin have one.
func (w *World) sendTo(to paxos.Address, l letter) {
	for _, id := range w.present {
		if k := &w.workers[id]; k.address == to {
			w.network.put(id, l)
		}
	}
}

// arrive does the operations on messages that are on their way.
func (w *World) arrive(op Operation) {
	if op.Pick.Nth == 0 && (op.Verb == Deliver || op.Verb == Drop) {
		w.arriveTogether(op)
		return
	}
	for _, id := range w.present {
		if op.Pick.To != None && op.Pick.To != id {
			continue
		}
		if op.Pick.Nth == 0 {
			w.arriveAll(op, id)
		} else if place, ok := w.network.find(id, op.Pick); ok {
			w.arriveOne(op.Verb, id, place)
			return
		}
	}
}

func (w *World) arriveAll(op Operation, to ID) {
	switch op.Verb {
	case Batch:
		w.letters = w.network.takeAll(to, op.Pick, w.letters[:0])
		w.batch = w.batch[:0]
		for _, l := range w.letters {
			w.batch = append(w.batch, *l.message)
		}
		w.step(to, w.batch)
	case Repeat, Stray:
		for place := range w.network.wires[to] {
			if op.Pick.matches(w.network.wires[to][place]) {
				w.arriveOne(op.Verb, to, place)
			}
		}
	}
}

// arriveAt is what Do does for an operation on the letter at a place of a wire, without looking for it.
func (w *World) arriveAt(verb Verb, to ID, place int) {
	defer w.onPanic()
	w.arriveOne(verb, to, place)
}

// arriveOne does an operation on the letter at a place of a wire.
func (w *World) arriveOne(verb Verb, to ID, place int) {
	switch verb {
	case Deliver, Batch:
		if place > 0 {
			w.faults[Overtaken]++
		}
		w.stepOne(to, w.network.take(to, place).message)
	case Drop:
		w.faults[Lost]++
		w.noteLost(to, w.network.take(to, place))
	case Repeat:
		w.faults[Doubled]++
		w.stepOne(to, w.network.wires[to][place].message)
	case Stray:
		w.stray(to, *w.network.wires[to][place].message)
	}
}

// arriveTogether delivers, one by one, or loses what is now on its way and matches; not what that brings
// about.
func (w *World) arriveTogether(op Operation) {
	w.letters = w.letters[:0]
	var ends [ids]int
	for _, id := range w.present {
		if op.Pick.To == None || op.Pick.To == id {
			w.letters = w.network.takeAll(id, op.Pick, w.letters)
		}
		ends[id] = len(w.letters)
	}
	if op.Verb == Drop {
		w.faults[Lost] += uint64(len(w.letters))
		w.noteAllLost(w.letters)
		return
	}
	at := 0
	for _, id := range w.present {
		for ; at < ends[id]; at++ {
			w.stepOne(id, w.letters[at].message)
		}
	}
}

// deliverAll lets arrive, one by one, what is now on its way to a worker.
func (w *World) deliverAll(to ID, pick Pick) {
	letters := w.network.takeAll(to, pick, w.letters[:0])
	for _, l := range letters {
		w.stepOne(to, l.message)
	}
	w.letters = letters[:0]
}

// stepOne hands a worker one message.
func (w *World) stepOne(to ID, message *paxos.Message) {
	w.batch = append(w.batch[:0], *message)
	w.step(to, w.batch)
}

// step hands a worker what has arrived, all at once.
func (w *World) step(to ID, arrived []paxos.Message) {
	k := &w.workers[to]
	if len(arrived) == 0 {
		return
	}
	switch k.state {
	case running:
		w.handOver(k, arrived)
	case paused, saving:
		k.waits = append(k.waits, arrived...)
	}
}

// strangerTag is the tag of a membership that no acceptor belongs to.
var strangerTag = paxos.Tag{0xff}

// stray hands a worker a message as if from another membership. It must have no effect but to be
// counted. [faults I8] Of a hello its identity is read whatever its tag, and a proposal needs none.
func (w *World) stray(to ID, message paxos.Message) {
	k := &w.workers[to]
	if kind := kindOf(message.Body); k.state != running || kind == HelloKind || kind == ProposeKind {
		return
	}
	w.faults[Strayed]++
	message.Tag = strangerTag
	w.mustIgnore(k, "I8", message)
}

// mustIgnore hands a worker a message that must have no effect but to be counted: all that decides what the
// role does next is as it was.
func (w *World) mustIgnore(k *worker, rule string, message paxos.Message) {
	before := w.stateOf(k)
	effects := k.role.Step(message)
	if w.stateOf(k) != before {
		w.violated(rule, "%v heeds %v: it is in another state", k.id, message)
	}
	if len(effects.Save)+len(effects.Send)+len(effects.Read)+len(effects.Learned)+len(effects.Outcomes) > 0 {
		w.violated(rule, "%v heeds %v: saves %v, sends %v", k.id, message, effects.Save, effects.Send)
	}
	w.carryOut(k, effects)
}

// stateOf is the hash of a role's state, without what it dropped.
func (w *World) stateOf(k *worker) uint64 {
	switch {
	case k.acceptor != nil:
		return w.hasher.hashOf(k.acceptor)
	case k.proposer != nil:
		return w.hasher.hashOf(k.proposer)
	}
	return w.hasher.hashOf(k.learner)
}
