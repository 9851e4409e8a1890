package simulate

import (
	"fmt"
	"time"
)

// Exhaustive tries every order in which the messages of a tiny cluster can arrive, and every moment at which a
// worker of it can die or lose patience, and judges each as any world is judged. Where seeds draw a few
// paths through many worlds, this goes all paths through one small one.
//
// The world begins when the log is founded, every worker has heard of every other, and each proposer holds
// the proposals. From then on, at any moment, one of these things happens:
//
//	deliver  a message on its way arrives. A message that is lost is one that never arrives: since every
//	         subset of deliveries is tried, losing needs no move of its own.
//	repeat   a message arrives, and will arrive again
//	wait     a proposer, or an acceptor that must repair, lets ticks pass until it says something. A standby
//	         begins a ballot, a leader sends again or stops, and so on. The cluster is tight, so that
//	         a tick or two are time enough.
//	crash    a worker dies and starts again. What is sent to it meanwhile is late, so how long it is down
//	         needs no move of its own; that it stays down is that nothing arrives any more.
//	unsent   a message arrives at an acceptor, which dies when it has saved what follows, and before it
//	         sends anything
//
// Bounds make this finite. What is left out: hellos are heard at once by everybody, those of a time before
// again by who starts; an acceptor never ignores a prepare because it hears a leader (that is as if the
// prepare were lost); each message is stepped alone.
//
// States are told apart by a hash of all that decides what happens next, and each is expanded once.
// The search goes breadth first, so the first violation it finds is one of the shortest.
type Exhaustive struct {
	Bounds
	Workers  int            // goroutines
	For      time.Duration  // end after this; 0: when all is done
	Progress func(Coverage) // told every now and then
}

// Bounds are how large a cluster is, and how much happens in it.
type Bounds struct {
	Setup     Setup
	Values    int  // proposed; each takes a slot
	IsApart   bool // each proposer holds values of its own, else all hold the same
	IsDeaf    bool // proposers do not hear each other's accepts
	Campaigns int  // ballots begun, by all proposers together
	Each      int  // of them by one proposer
	Waits     int  // ticks of candidates, leaders and acceptors
	Crashes   int
	Repeats   int
}

// String is the bounds as they are printed.
func (b Bounds) String() string {
	text := fmt.Sprintf("%v, %d values", b.Setup, b.Values)
	if b.IsApart {
		text += " a proposer"
	}
	text += fmt.Sprintf(", %d ballots, %d of one proposer, %d waits, %d crashes, %d repeats",
		b.Campaigns, b.Each, b.Waits, b.Crashes, b.Repeats)
	if b.IsDeaf {
		text += ", proposers do not follow each other"
	}
	return text
}

// TinySetup is a cluster small enough for every order to be tried.
func TinySetup() Setup {
	s := DefaultSetup()
	s.Proposers, s.Learners, s.Tight = 2, 0, true
	return s
}

// Coverage is what was tried.
type Coverage struct {
	States    int     // that differ
	Moves     int     // from one state to another
	Depth     int     // moves from the beginning that all paths of this length or less have been gone
	Ends      int     // states in which nothing more can happen
	Schedules float64 // paths from the beginning to an end; 0: not counted
	Took      time.Duration
	IsDone    bool     // all that the bounds allow
	Failure   *Failure // one of the shortest; nil: no rule was broken
}

// Run searches.
func (x *Exhaustive) Run() Coverage {
	began := time.Now()
	s := newSearch(x)
	for len(s.frontier) > 0 && s.failed == nil && !s.isCut && !s.isLate(began) {
		s.level(began)
	}
	c := s.coverage(began)
	c.IsDone = len(s.frontier) == 0 && s.failed == nil && !s.isCut
	if c.IsDone {
		c.Schedules = s.schedules()
	}
	if s.failed != nil {
		c.Failure = s.failure(s.failed)
	}
	return c
}

// String is the coverage in a line.
func (c Coverage) String() string {
	text := fmt.Sprintf("%d states, %d moves, %d deep, in %v: %.0f moves a second", c.States, c.Moves, c.Depth,
		c.Took.Round(time.Millisecond), float64(c.Moves)/c.Took.Seconds())
	switch {
	case c.Failure != nil:
		return text + "; a rule is broken"
	case c.IsDone:
		return text + fmt.Sprintf("; all %.4g schedules are well, %d ends", c.Schedules, c.Ends)
	}
	return text + "; more is left"
}

// Check refuses bounds that cannot be searched.
func (b Bounds) Check() error {
	s := b.Setup
	switch {
	case s.Acceptors < 1 || s.Proposers < 1 || s.Learners < 0 || s.Proposers > 4 || s.Acceptors > 7 || s.Learners > 3,
		s.Acceptors+s.Proposers+s.Learners > mostWorkers:
		return fmt.Errorf("at most %d workers: 1 to 7 acceptors, 1 to 4 proposers and at most 3 learners", mostWorkers)
	case b.Values < 0 || b.Values > 8 || b.IsApart && b.Values*s.Proposers > 8:
		return fmt.Errorf("at most 8 values")
	}
	for _, n := range []int{b.Campaigns, b.Each, b.Waits, b.Crashes, b.Repeats} {
		if n < 0 || n > 100 {
			return fmt.Errorf("ballots, waits, crashes and repeats are from 0 to 100")
		}
	}
	return nil
}
