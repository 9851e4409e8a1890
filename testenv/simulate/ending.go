package simulate

// settleRounds is within how many rounds all must be well when the faults are over: some ten times what
// the slowest of good runs take.
const settleRounds = 1000

// endFaults ends what is wrong, but for a minority of acceptors that stay dead and proposers that hear
// nobody or are heard by nobody, and then asks that all becomes well.
func (r *Runner) endFaults() {
	w := &r.world
	r.do(Operation{Verb: Heal})
	if r.coup > 0 && r.chance(500) {
		r.overthrow()
	}
	r.bury()
	for _, id := range w.present {
		switch k := &w.workers[id]; {
		case k.state == paused:
			r.do(Operation{Verb: Resume, Who: id})
		case k.state == down && !r.buried.has(id) && id != Twin:
			r.do(Operation{Verb: Restart, Who: id})
		case k.state == running && k.doomed != Usual:
			r.do(Operation{Verb: Crash, Who: id})
			r.do(Operation{Verb: Restart, Who: id})
		}
	}
	if r.tampers != 0 {
		r.tamper()
	}
	r.silence()
	op := Operation{Verb: Settle, N: settleRounds}
	if r.isQuiet && !w.identityFault {
		op.Mode = Quiet
	}
	r.do(op)
}

// bury crashes a minority of acceptors for good: often the one that has settled the most.
func (r *Runner) bury() {
	r.buried = 0
	most := (r.setup.Acceptors - 1) / 2
	if r.wipe > 0 || r.tampers != 0 || most == 0 || r.chance(400) {
		return
	}
	for range 1 + r.rand.IntN(most) {
		who := r.acceptor()
		if r.chance(600) {
			who = r.settledMost()
		}
		r.buried.add(who)
		r.do(Operation{Verb: Crash, Who: who})
	}
}

// settledMost returns the acceptor, of those not buried, that has settled the most.
func (r *Runner) settledMost() ID {
	most := r.acceptor()
	for id := firstAcceptor; id < firstAcceptor+ID(r.setup.Acceptors); id++ {
		if !r.buried.has(id) &&
			r.world.workers[id].disk.image.settled > r.world.workers[most].disk.image.settled {
			most = id
		}
	}
	return most
}

// silence cuts some proposers, never all, off from hearing or being heard.
func (r *Runner) silence() {
	if r.setup.Proposers < 2 || r.chance(600) {
		return
	}
	who := r.leader()
	isDeaf := r.chance(500)
	for _, id := range r.world.present {
		if id == who || id == Twin {
			continue
		}
		pick := Pick{From: who, To: id}
		if isDeaf {
			pick = Pick{From: id, To: who}
		}
		r.do(Operation{Verb: Cut, Pick: pick})
	}
	if isDeaf {
		r.do(Operation{Verb: Cut, Pick: Pick{From: Client, To: who}})
	}
}

// tamper copies a store, or rolls one back, when everyone has heard of all that it has said. Then, at the
// latest within some rounds, it must not vote any more.
func (r *Runner) tamper() {
	w := &r.world
	if r.setup.Acceptors < 3 {
		return
	}
	r.do(Operation{Verb: Settle, N: settleRounds})
	r.do(Operation{Verb: Rounds, N: 25})
	who := r.acceptor()
	if r.tampers == Copy {
		r.do(Operation{Verb: Copy, Who: who})
	} else {
		r.do(Operation{Verb: Crash, Who: who})
		r.do(Operation{Verb: Rollback, Who: who, N: 1 + r.rand.IntN(8)})
		r.do(Operation{Verb: Restart, Who: who})
	}
	if w.violation != nil {
		return
	}
	for range 4 {
		if r.values < len(names) {
			r.do(Operation{Verb: Propose, Args: r.newNames()})
		}
		r.do(Operation{Verb: Rounds, N: 10})
	}
	r.do(Operation{Verb: Fenced, Who: who})
}
