package simulate

import "math/rand/v2"

// Runner runs one seed after another in the same memory. It is not for concurrent use.
type Runner struct {
	world World
	ops   []Operation
	rand  *rand.Rand
	pcg   *rand.PCG
	profile
	values int // proposed so far
}

// Failure is a run that broke a rule.
type Failure struct {
	Seed      uint64
	Setup     Setup
	Ops       []Operation
	Violation *Violation
}

// Run draws a world and its faults from a seed, and returns how it failed; nil where it did not.
func (r *Runner) Run(seed uint64) *Failure {
	r.draw(seed)
	r.warmUp()
	for turn := 0; turn < r.turns && r.world.violation == nil; turn++ {
		r.turn()
	}
	if r.world.violation == nil {
		r.endFaults()
	}
	if r.world.violation == nil {
		return nil
	}
	ops := append([]Operation(nil), r.ops...)
	return &Failure{Seed: seed, Setup: r.setup, Ops: ops, Violation: r.world.violation}
}

func (r *Runner) draw(seed uint64) {
	if r.pcg == nil {
		r.pcg = rand.NewPCG(0, 0)
		r.rand = rand.New(r.pcg)
	}
	r.pcg.Seed(seed, mix(seed))
	r.profile = drawProfile(r.rand)
	clear(r.ops)
	r.ops, r.values = r.ops[:0], 0
	r.world.Reset(r.setup, 0)
}

// warmUp lets most worlds come to a leader before things go wrong.
func (r *Runner) warmUp() {
	if r.misled {
		r.mislead()
	}
	if r.chance(800) {
		r.do(Operation{Verb: Rounds, N: 2 + r.rand.IntN(30)})
	}
}

// mislead has one acceptor be started with a list of founders that lacks some, or has one too many.
func (r *Runner) mislead() {
	who := r.acceptor()
	list := []string{who.String(), Acceptor(1 + int(who-firstAcceptor+1)%r.setup.Acceptors).String()}
	if r.setup.Acceptors == 2 || r.chance(300) {
		list = append(append([]string(nil), founders[r.setup.Acceptors]...), "a9")
	}
	r.do(Operation{Verb: Crash, Who: who})
	r.do(Operation{Verb: Members, Who: who, Args: list})
	r.do(Operation{Verb: Restart, Who: who})
}

func (r *Runner) do(op Operation) {
	r.ops = append(r.ops, op)
	r.world.Do(op)
}

func (r *Runner) chance(parts int) bool { return r.rand.IntN(1000) < parts }

// turn is a few faults, then some messages or a tick.
func (r *Runner) turn() {
	r.misfortune()
	r.proposals()
	if r.chance(r.calm) {
		r.do(Operation{Verb: Rounds, N: 1 + r.rand.IntN(12)})
	}
	if r.isAdversary {
		r.pickSome()
	} else {
		r.weather()
	}
}

// proposals has the client propose something new, or again.
func (r *Runner) proposals() {
	if r.chance(r.propose) && r.values < len(names) {
		op := Operation{Verb: Propose, Args: r.newNames()}
		switch r.rand.IntN(12) {
		case 0:
			op.Mode = NoID
		case 1:
			op.Mode = ReplyID
		}
		r.do(op)
	}
	if r.chance(r.repeat) && r.values > 0 {
		back := r.rand.IntN(min(r.values, r.setup.Window+6)) + 1
		op := Operation{Verb: Propose, Args: []string{names[r.values-back].name}}
		if r.chance(300) {
			op.Who = r.proposer()
		}
		r.do(op)
	}
}

func (r *Runner) newNames() []string {
	count := 1
	if r.chance(250) {
		count = 1 + r.rand.IntN(4)
	}
	var args []string
	for ; count > 0 && r.values < len(names); count-- {
		args = append(args, names[r.values].name)
		r.values++
	}
	return args
}

func (r *Runner) acceptor() ID { return Acceptor(1 + r.rand.IntN(r.setup.Acceptors)) }
func (r *Runner) proposer() ID { return Proposer(1 + r.rand.IntN(r.setup.Proposers)) }

// anyone draws a worker: of acceptors, proposers and learners, the first two more often.
func (r *Runner) anyone() ID {
	switch n := r.rand.IntN(10); {
	case n < 5:
		return r.acceptor()
	case n < 9:
		return r.proposer()
	}
	return Learner(1 + r.rand.IntN(r.setup.Learners))
}

// leader returns a proposer that leads, or any.
func (r *Runner) leader() ID {
	for _, id := range r.world.present {
		k := &r.world.workers[id]
		if k.proposer != nil && k.state == running && k.proposer.Status().State == "leading" {
			return id
		}
	}
	return r.proposer()
}

// Last returns the setup and the operations of the last run. They are valid until the next.
func (r *Runner) Last() (Setup, []Operation) { return r.setup, r.ops }
