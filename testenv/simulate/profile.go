package simulate

import "math/rand/v2"

// profile is the faults that one seed's world suffers, and how often. Parts are out of 1,000, at each
// turn, unless said otherwise.
type profile struct {
	setup       Setup
	turns       int
	isAdversary bool // every delivery is picked alone, by no order

	lose, double, hold int // of a message, where it would arrive
	batch              int // that what arrives at a worker arrives at once
	late               int // adversary: that not the oldest on a wire is picked
	propose, repeat    int
	crash, start       int
	blackout           int // that power is lost
	slow               int // that a disk becomes slow
	pause, part, cut   int
	heal, leave, stray int
	coup               int // that another proposer takes the lead
	wipe               int
	calm               int // that for some rounds nothing goes wrong
	flood              int
	misled             bool // an acceptor is first started with other founders than the rest
	isQuiet            bool
	tampers            int      // how often a store is copied or rolled back when all is calm
	drains             bool     // at the end it is looked whether anything waits
	buried             idSet    // acceptors that stay dead at the end
	rate               [ids]int // how often in ten a worker ticks
}

// often draws 0 in most worlds, and up to most in the others.
func often(r *rand.Rand, most int) int {
	if r.IntN(3) == 0 {
		return 0
	}
	return r.IntN(most + 1)
}

// seldom draws like often, but mostly little.
func seldom(r *rand.Rand, most int) int { return often(r, most) * r.IntN(1001) / 1000 }

func drawProfile(r *rand.Rand) profile {
	p := profile{
		setup:       drawSetup(r),
		turns:       drawTurns(r),
		isAdversary: r.IntN(2) == 0,
		lose:        seldom(r, 400),
		double:      seldom(r, 500),
		hold:        often(r, 400),
		batch:       often(r, 500),
		late:        often(r, 600),
		propose:     100 + r.IntN(500),
		repeat:      often(r, 150),
		crash:       often(r, 120),
		start:       100 + r.IntN(500),
		blackout:    seldom(r, 60),
		slow:        seldom(r, 200),
		pause:       often(r, 60),
		part:        often(r, 60),
		cut:         often(r, 60),
		heal:        50 + r.IntN(200),
		leave:       often(r, 30),
		stray:       often(r, 100),
		calm:        often(r, 60),
		coup:        often(r, 120),
		isQuiet:     r.IntN(3) == 0,
	}
	if r.IntN(4) == 0 {
		p.crowd(r)
	}
	p.drawRare(r)
	for i := range p.rate {
		p.rate[i] = 10
		if r.IntN(3) == 0 {
			p.rate[i] = 2 + r.IntN(9)
		}
	}
	return p
}

// drawTurns draws how long faults last: mostly as long as some takeovers take, now and then long.
func drawTurns(r *rand.Rand) int {
	if r.IntN(4) == 0 {
		return 20 + r.IntN(60)
	}
	return 6 + r.IntN(18)
}

// drawRare draws what a few worlds in a hundred suffer, since it takes long or keeps other faults out.
func (p *profile) drawRare(r *rand.Rand) {
	switch r.IntN(40) {
	case 0, 1:
		p.wipe = 150
	case 2, 3:
		p.tampers = 1 + r.IntN(2)
	case 4:
		p.flood, p.setup.Held = 40+r.IntN(150), 8+r.IntN(24)
	case 5:
		p.drains, p.isQuiet, p.setup.Hold = true, false, 60
	}
	if p.setup.Founding {
		switch r.IntN(4) {
		case 0, 1:
			p.wipe, p.tampers = 300, 0
		case 2:
			p.misled = p.setup.Acceptors > 1
		}
	}
}

// crowd makes the tail long, leaders short-lived, and the client repeat what has left the window of ids.
func (p *profile) crowd(r *rand.Rand) {
	s := &p.setup
	s.Proposers = 2 + r.IntN(2)
	s.Tail, s.Flight, s.Runs, s.Window = 64, 4+r.IntN(8), 4, []int{3, 3, 32}[r.IntN(3)]
	p.propose, p.repeat, p.coup = 600, 400, 100+r.IntN(150)
	p.turns, p.blackout = 20+r.IntN(60), 0
}

func drawSetup(r *rand.Rand) Setup {
	return Setup{
		Acceptors: []int{3, 3, 3, 3, 3, 3, 5, 4, 2, 1}[r.IntN(10)],
		Proposers: []int{1, 2, 2, 2, 3, 3}[r.IntN(6)],
		Learners:  1 + r.IntN(2),
		Founding:  r.IntN(6) == 0,
		Echo:      r.IntN(2) == 0,
		Tail:      []int{5, 5, 8, 16, 64}[r.IntN(5)],
		Page:      []int{1, 2, 3, 32}[r.IntN(4)],
		Run:       1 + r.IntN(4),
		Flight:    1 + r.IntN(8),
		Runs:      1 + r.IntN(4),
		Gather:    max(0, r.IntN(6)-2),
		Window:    []int{3, 5, 8, 16, 32}[r.IntN(5)],
		Hold:      2000,
		Held:      2000,
	}
}
