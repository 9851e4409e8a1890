package simulate

// A fuzzed run is bytes: the first few choose a cluster, and each two or three of the others an operation. Any
// bytes are a run, the same bytes always the same one, and a byte changed in one operation leaves those
// before and after it as they are but for whom they find on the wires. So what a fuzzer learns to
// reach it can go on from.

// fuzzHeader is how many bytes choose the cluster.
const fuzzHeader = 2

// mostFuzzed bounds the operations of a fuzzed run, for many short worlds find more than a few long ones.
const mostFuzzed = 60

// fuzzSettleRounds is within how many rounds a fuzzed run must come to rest.
const fuzzSettleRounds = settleRounds

// fuzzed returns the run that bytes mean. It ends when the faults are over and all must be well.
func fuzzed(bytes []byte) (Setup, []Operation) {
	setup, bytes := fuzzedSetup(bytes)
	ops := make([]Operation, 0, len(bytes)/3+8)
	ops = append(ops, Operation{Verb: Rounds, N: 12}) // mostly, somebody leads then
	values := 0
	for len(bytes) >= 3 && len(ops) < mostFuzzed {
		op := fuzzedOperation(setup, bytes[0], bytes[1], bytes[2], &values)
		ops, bytes = append(ops, op), bytes[3:]
	}
	return setup, append(ops, fuzzedEnding(setup)...)
}

func fuzzedSetup(bytes []byte) (Setup, []byte) {
	var header [fuzzHeader]byte
	rest := bytes[copy(header[:], bytes):]
	a, b := header[0], header[1]
	setup := DefaultSetup()
	setup.Acceptors = []int{3, 2, 4, 5}[a&3]
	setup.Proposers = 1 + int(a>>2)&1 + int(a>>3)&1
	setup.Echo = a&16 != 0
	setup.Founding = a&32 != 0
	setup.Page = []int{32, 1, 2, 3}[a>>6]
	setup.Run = 1 + int(b)&3
	setup.Flight = 1 + int(b>>2)&7
	setup.Window = []int{32, 3, 5, 8}[b>>5&3]
	if b&128 != 0 {
		setup.Tail = 5
	}
	return setup, rest
}

// fuzzedVerbs are the operations that a byte may mean, the likelier ones more than once.
var fuzzedVerbs = [16]Verb{
	Deliver, Deliver, Deliver, Batch, Batch, Tick, Tick, Rounds, Propose, Drop, Repeat, Crash, Restart, Cut, Heal,
	Leave,
}

// fuzzedOperation is what three bytes mean: what happens, to whom, and how much of it.
func fuzzedOperation(s Setup, what, whom, how byte, values *int) Operation {
	op := Operation{Verb: fuzzedVerbs[what&15]}
	who, other := fuzzedWorker(s, whom&15), fuzzedWorker(s, whom>>4)
	switch op.Verb {
	case Deliver, Drop, Repeat:
		op.Pick = Pick{From: other, To: who, Nth: 1 + int(how&3)}
		if how&4 != 0 {
			op.Pick = Pick{To: who, Kind: Kind(how >> 3 % uint8(kinds))}
		}
	case Batch:
		op.Pick = Pick{To: who}
	case Tick:
		op.Who, op.N = who, 1+int(how&15)
	case Rounds:
		op.N = 1 + int(how&15)
	case Propose:
		op.Args, op.Mode = fuzzedNames(how, values), Usual
		if whom&1 != 0 {
			op.Mode = []Mode{ReplyID, NoID}[whom>>1&1]
		}
	case Crash:
		op.Who, op.Mode = who, []Mode{Usual, Unsaved, Unsent, Usual}[how&3]
	case Restart:
		op.Who = who
	case Cut:
		op.Pick = Pick{From: other, To: who}
	case Leave:
		op.Who = Proposer(1 + int(whom)%s.Proposers)
	}
	return op
}

// fuzzedWorker is the worker that a number means, of all that the cluster has.
func fuzzedWorker(s Setup, n byte) ID {
	i := int(n) % (s.Acceptors + s.Proposers + s.Learners)
	switch {
	case i < s.Acceptors:
		return Acceptor(i + 1)
	case i < s.Acceptors+s.Proposers:
		return Proposer(i - s.Acceptors + 1)
	}
	return Learner(i - s.Acceptors - s.Proposers + 1)
}

// fuzzedNames are new values, or one that was proposed before.
func fuzzedNames(how byte, values *int) []string {
	if how&128 != 0 && *values > 0 {
		return []string{names[int(how&127)%*values].name}
	}
	var args []string
	for range min(1+int(how&3), len(names)-*values) {
		args = append(args, names[*values].name)
		*values++
	}
	if len(args) == 0 {
		args = append(args, names[0].name)
	}
	return args
}

// fuzzedEnding ends all faults, so that all must become well.
func fuzzedEnding(s Setup) []Operation {
	ops := []Operation{{Verb: Heal}}
	for i := range s.Acceptors + s.Proposers + s.Learners {
		who := fuzzedWorker(s, byte(i))
		ops = append(ops, Operation{Verb: Crash, Who: who}, Operation{Verb: Restart, Who: who})
	}
	return append(ops, Operation{Verb: Settle, N: fuzzSettleRounds})
}
