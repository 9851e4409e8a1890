package simulate

// weather lets a tick pass for those whose clocks are right, and then all that is on its way arrive, but for
// what is lost or late.
func (r *Runner) weather() {
	w := &r.world
	for _, id := range w.present {
		if w.workers[id].state == running && r.rand.IntN(10) < r.rate[id] {
			r.do(Operation{Verb: Tick, Who: id})
		}
	}
	for hops := 1 + r.rand.IntN(3); hops > 0; hops-- {
		for _, id := range w.present {
			r.blow(id)
		}
		r.readOne()
	}
}

// blow lets what is on its way to one worker arrive, get lost, or stay.
func (r *Runner) blow(to ID) {
	wire := r.world.network.wires[to]
	if len(wire) == 0 {
		return
	}
	if r.chance(r.batch) {
		r.do(Operation{Verb: Batch, Pick: Pick{To: to}})
		return
	}
	if r.lose+r.double+r.hold+r.stray == 0 {
		r.do(Operation{Verb: Deliver, Pick: Pick{To: to}})
		return
	}
	place := 0
	for range len(wire) {
		if place >= len(r.world.network.wires[to]) || r.world.violation != nil {
			return
		}
		place += r.fate(to, place)
	}
}

// fate decides what becomes of the letter at a place of a wire, and returns 1 where it stays.
func (r *Runner) fate(to ID, place int) int {
	verb, stays := Deliver, 0
	switch n := r.rand.IntN(1000); {
	case n < r.lose:
		verb = Drop
	case n < r.lose+r.double:
		verb, stays = Repeat, 1
	case n < r.lose+r.double+r.stray/4:
		verb, stays = Stray, 1
	case n < r.lose+r.double+r.stray/4+r.hold:
		return 1
	}
	r.one(verb, to, place)
	return stays
}

// one does an operation on the letter at a place of a wire.
func (r *Runner) one(verb Verb, to ID, place int) {
	r.ops = append(r.ops, Operation{Verb: verb, Pick: r.world.network.pickOf(to, place)})
	r.world.arriveAt(verb, to, place)
}

// readOne has acceptors' disks answer a pull, and be done with a save.
func (r *Runner) readOne() {
	for id := firstAcceptor; id < firstAcceptor+ID(r.setup.Acceptors); id++ {
		k := &r.world.workers[id]
		if len(k.reads) > 0 && k.state == running && r.chance(700) {
			r.do(Operation{Verb: Read, Who: id})
		}
		if k.state == saving && r.chance(300) {
			r.do(Operation{Verb: Saved, Who: id})
		}
	}
}

// pickSome lets single messages arrive, in no order, and now and then a tick pass for someone.
func (r *Runner) pickSome() {
	w := &r.world
	for range 4 + r.rand.IntN(24) {
		if w.violation != nil {
			return
		}
		if w.network.onWire == 0 || r.chance(250) {
			r.tickSome()
			continue
		}
		to := w.present[r.rand.IntN(len(w.present))]
		wire := w.network.wires[to]
		if len(wire) == 0 {
			continue
		}
		if r.chance(r.batch / 3) {
			r.do(Operation{Verb: Batch, Pick: Pick{To: to}})
			continue
		}
		r.one(r.verb(), to, r.place(wire))
	}
	r.readOne()
}

func (r *Runner) tickSome() {
	id := r.world.present[r.rand.IntN(len(r.world.present))]
	if r.world.workers[id].state == running {
		r.do(Operation{Verb: Tick, Who: id, N: 1 + r.rand.IntN(r.rate[id])})
	}
}

func (r *Runner) verb() Verb {
	switch n := r.rand.IntN(1000); {
	case n < r.lose:
		return Drop
	case n < r.lose+r.double:
		return Repeat
	case n < r.lose+r.double+r.stray/4:
		return Stray
	}
	return Deliver
}

// place draws which letter of a wire is picked: mostly the oldest, and hellos, which are many, with less
// care than the rest.
func (r *Runner) place(wire []letter) int {
	place := 0
	if r.chance(r.late) {
		place = r.rand.IntN(len(wire))
	}
	for next := range 4 {
		if at := (place + next) % len(wire); wire[at].kind != HelloKind {
			return at
		}
	}
	return place
}
