package simulate

// misfortune befalls workers and the network.
func (r *Runner) misfortune() {
	if r.chance(r.crash) {
		op := Operation{Verb: Crash, Who: r.anyone(), Mode: []Mode{Usual, Unsaved, Unsent, Torn, Torn}[r.rand.IntN(5)]}
		if r.chance(250) {
			op.Who = r.leader()
		}
		r.do(r.tearing(op))
	}
	if r.chance(r.blackout) {
		r.losePower()
	}
	if r.chance(r.slow) {
		r.do(Operation{Verb: Slow, Who: r.acceptor()})
	}
	if r.slow > 0 && r.chance(150) {
		r.do(Operation{Verb: Quick, Who: r.acceptor()})
	}
	if r.chance(r.start) {
		r.restartOne()
	}
	if r.chance(r.pause) {
		r.do(Operation{Verb: Pause, Who: r.anyone()})
	}
	if r.chance(r.leave) {
		r.do(Operation{Verb: Leave, Who: r.leader()})
	}
	if r.chance(r.part) {
		r.do(Operation{Verb: Partition, Args: r.sides()})
	}
	if r.chance(r.cut) {
		r.do(Operation{Verb: Cut, Pick: Pick{From: r.anyone(), To: r.anyone()}})
	}
	if r.chance(r.heal) {
		r.do(Operation{Verb: Heal})
	}
	if r.chance(r.coup) {
		r.overthrow()
	}
	if r.wipe > 0 && r.chance(r.wipe/4) && r.world.faulty() < (r.setup.Acceptors+1)/2 {
		r.wipeOne()
	}
	if r.chance(r.flood) {
		r.floodSome()
	}
}

// tearing draws how many records of a torn save are kept.
func (r *Runner) tearing(op Operation) Operation {
	if op.Mode == Torn {
		op.N = []int{1, 1, 1, 2, 3}[r.rand.IntN(5)] // few batches have more records
	}
	return op
}

// losePower ends all processes at one moment, or most, whatever their disks are at.
func (r *Runner) losePower() {
	r.world.faults[PowerLoss]++
	spared := None
	if r.chance(400) {
		spared = r.anyone()
	}
	for _, id := range r.world.present {
		op := Operation{Verb: Crash, Who: id}
		if r.world.workers[id].state == saving {
			op.Mode = []Mode{Usual, Unsent, Torn, Torn}[r.rand.IntN(4)]
		}
		if id != spared && (id != Twin || r.world.workers[Twin].member != Twin) {
			r.do(r.tearing(op))
		}
	}
}

// floods are what strangers and clients send too much of.
var floods = []Kind{
	PrepareKind, PrepareKind, PullKind, HelloKind, ProposeKind, ProposeKind, PromiseKind, AcceptedKind,
	PreemptedKind, SettledKind, AcceptKind, ChosenKind, StopKind,
}

func (r *Runner) floodSome() {
	op := Operation{Verb: Flood, N: 1 + r.rand.IntN(40), Pick: Pick{Kind: floods[r.rand.IntN(len(floods))]}}
	switch op.Pick.Kind {
	case ProposeKind:
		if r.values > 0 {
			name := names[r.rand.IntN(r.values)].name
			r.do(Operation{Verb: Propose, Args: []string{name}, N: 1 + r.rand.IntN(100)<<r.rand.IntN(5)})
		}
		return
	case PrepareKind:
		op.N = []int{1, 1, 1, 2, 3}[r.rand.IntN(5)] // few batches have more records
	}
	if r.chance(600) {
		op.Who = r.anyone()
	}
	r.do(op)
}

// overthrow has a proposer take the lead, whatever the others do: those acceptors that it wins over have not
// heard from a leader for long enough, and what it says arrives.
func (r *Runner) overthrow() {
	r.world.faults[Overthrown]++
	usurper, old := r.proposer(), r.leader()
	if r.chance(500) {
		r.do(Operation{Verb: Crash, Who: old})
		r.do(Operation{Verb: Restart, Who: old})
	}
	r.do(Operation{Verb: Tick, Who: usurper, N: 6 + r.rand.IntN(12)})
	for range 1 + r.rand.IntN(r.setup.Acceptors) {
		who := r.acceptor()
		r.do(Operation{Verb: Tick, Who: who, N: 7})
		r.do(Operation{Verb: Deliver, Pick: Pick{From: usurper, To: who, Kind: PrepareKind}})
	}
	r.do(Operation{Verb: Deliver, Pick: Pick{To: usurper, Kind: PromiseKind}})
	if r.chance(500) {
		r.do(Operation{Verb: Deliver, Pick: Pick{From: usurper, Kind: PrepareKind}})
		r.do(Operation{Verb: Deliver, Pick: Pick{To: usurper, Kind: PromiseKind}})
	}
	if r.chance(500) {
		r.do(Operation{Verb: Tick, Who: usurper, N: 2})
		r.do(Operation{Verb: Deliver, Pick: Pick{From: usurper, Kind: PullKind}})
		r.do(Operation{Verb: Read})
		r.do(Operation{Verb: Deliver, Pick: Pick{To: usurper, Kind: SettledKind}})
	}
}

// restartOne starts a worker that is down, or resumes one that is paused.
func (r *Runner) restartOne() {
	present := r.world.present
	at := r.rand.IntN(len(present))
	for i := range present {
		k := &r.world.workers[present[(at+i)%len(present)]]
		switch {
		case k.state == paused:
			r.do(Operation{Verb: Resume, Who: k.id})
			return
		case k.state == down && k.id != Twin:
			r.do(Operation{Verb: Restart, Who: k.id})
			if r.chance(700) {
				r.do(Operation{Verb: Deliver, Pick: Pick{From: k.id, Kind: HelloKind}})
			}
			return
		}
	}
}

func (r *Runner) wipeOne() {
	who := r.acceptor()
	if r.setup.Acceptors > 1 {
		r.do(Operation{Verb: Crash, Who: who})
		r.do(Operation{Verb: Wipe, Who: who})
		r.do(Operation{Verb: Restart, Who: who})
	}
}

// sides draws a partition into two; learners stay out of it.
func (r *Runner) sides() []string {
	var sides [2][]string
	for _, id := range r.world.present {
		if id.isAcceptor() && id != Twin || id.isProposer() {
			side := r.rand.IntN(2)
			sides[side] = append(sides[side], id.String())
		}
	}
	return append(append(sides[0], "/"), sides[1]...)
}
