package simulate

// settleRounds is within how many rounds all must be well when the faults are over: some ten times what
// the slowest of good runs take.
const settleRounds = 1000

// endFaults ends what is wrong, but for a minority of acceptors that stay dead and proposers that hear
// nobody or are heard by nobody, and then asks that all becomes well.
func (r *Runner) endFaults() {
	r.do(Operation{Verb: Heal})
	if r.coup > 0 && r.chance(500) {
		r.overthrow()
	}
	if r.slow > 0 {
		r.do(Operation{Verb: Quick})
	}
	r.bury()
	r.revive()
	for ; r.tampers > 0 && r.world.violation == nil; r.tampers-- {
		r.tamper()
	}
	r.silence()
	op := Operation{Verb: Settle, N: settleRounds}
	if r.isQuiet && !r.world.identityFault {
		op.Mode = Quiet
	}
	r.do(op)
	if r.flood > 0 && r.values < len(names) {
		r.do(Operation{Verb: Propose, Args: r.newNames()})
		r.do(Operation{Verb: Settle, N: settleRounds, Mode: Storm})
	}
	if r.drains {
		r.do(Operation{Verb: Drained, N: settleRounds})
	}
}

// revive starts again what is down but not buried, each acceptor with the right founders.
func (r *Runner) revive() {
	for _, id := range r.world.present {
		k := &r.world.workers[id]
		if k.state == paused {
			r.do(Operation{Verb: Resume, Who: id})
		}
		if k.state == running && (k.doomed != Usual || k.misled != nil) {
			r.do(Operation{Verb: Crash, Who: id})
		}
		if k.misled != nil {
			r.do(Operation{Verb: Members, Who: id})
		}
		if k.state == down && !r.buried.has(id) && id != Twin {
			r.do(Operation{Verb: Restart, Who: id})
		}
	}
}

// bury crashes a minority of acceptors for good: often the one that has settled the most.
func (r *Runner) bury() {
	r.buried = 0
	most := (r.setup.Acceptors - 1) / 2
	if r.wipe > 0 || r.tampers > 0 || most == 0 || r.chance(400) {
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

// tamper copies a store, or rolls one back: when everyone has heard of all that it has said, or when
// only those that its last votes went to have. Then, at the latest within some rounds, it must not vote any more.
func (r *Runner) tamper() {
	if r.setup.Acceptors < 3 {
		return
	}
	r.do(Operation{Verb: Settle, N: settleRounds})
	r.do(Operation{Verb: Rounds, N: 25})
	who := r.acceptor()
	switch {
	case r.chance(400):
		r.do(Operation{Verb: Copy, Who: who})
	case r.chance(500):
		r.rollBack(who, r.backBy(r.world.workers[who].disk))
	default:
		r.proposeMore()
		r.do(Operation{Verb: Rounds, N: r.rand.IntN(3)})
		for range 1 + r.rand.IntN(3) {
			r.do(Operation{Verb: Deliver})
		}
		r.rollBack(who, 1+r.rand.IntN(2))
	}
	for range 4 {
		r.proposeMore()
		r.do(Operation{Verb: Rounds, N: 10})
	}
	r.do(Operation{Verb: Fenced, Who: who})
}

// rollBack has an acceptor start again from the store that it had some records ago.
func (r *Runner) rollBack(who ID, records int) {
	r.do(Operation{Verb: Crash, Who: who})
	r.do(Operation{Verb: Rollback, Who: who, N: records})
	r.do(Operation{Verb: Restart, Who: who})
}

// proposeMore proposes what was not proposed yet, where there is any.
func (r *Runner) proposeMore() {
	if r.values < len(names) {
		r.do(Operation{Verb: Propose, Args: r.newNames()})
	}
}

// backBy draws how many records a store is rolled back by: a few, or to before one of its last boots.
func (r *Runner) backBy(d *disk) int {
	if boots := d.boots(0); boots > 2 && r.chance(700) {
		for back, left := 1, 2+r.rand.IntN(min(boots-2, 4)); back < len(d.records); back++ {
			if d.boots(len(d.records)-back) == left {
				return back
			}
		}
	}
	return 1 + r.rand.IntN(8)
}
