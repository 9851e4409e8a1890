package paxos

// greeter decides when a worker says hello: each Hello ticks, and soon when a newcomer was heard,
// so that a worker that starts need not wait to be told who is there.
type greeter struct {
	every int
	next  int // ticks until the next hello
	since int // ticks since the last hello
	known map[Address]Nonce
}

// maxKnown bounds the workers that a greeter remembers: past it, it begins anew.
const maxKnown = 1 << 14

func newGreeter(every int) greeter {
	return greeter{every: every, since: every, known: map[Address]Nonce{}}
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

// soon makes the next tick say hello, unless one was said just before: newcomers, however many, do
// not make everybody shout.
func (g *greeter) soon() { g.next = min(g.next, g.every/10-g.since) }

// tick reports whether it is time to say hello.
func (g *greeter) tick() bool {
	g.next--
	g.since++
	if g.next > 0 {
		return false
	}
	g.next, g.since = g.every, 0
	return true
}
