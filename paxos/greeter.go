package paxos

// greeter decides when a worker says hello: each Hello ticks, and at the next tick when a newcomer was
// heard, so that a worker that starts need not wait to be told who is there.
type greeter struct {
	every int
	next  int // ticks until the next hello
	known map[Address]Nonce
}

// maxKnown bounds the workers that a greeter remembers: past it, it begins anew.
const maxKnown = 1024

func newGreeter(every int) greeter {
	return greeter{every: every, known: map[Address]Nonce{}}
}

// hear notes a hello of from's process.
func (g *greeter) hear(from Address, process Nonce) {
	if known, ok := g.known[from]; ok && known == process {
		return
	}
	if len(g.known) >= maxKnown {
		clear(g.known)
	}
	g.known[from] = process
	g.soon()
}

// soon makes the next tick say hello.
func (g *greeter) soon() { g.next = 0 }

// tick reports whether it is time to say hello.
func (g *greeter) tick() bool {
	g.next--
	if g.next > 0 {
		return false
	}
	g.next = g.every
	return true
}
