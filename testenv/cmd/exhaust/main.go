// Command exhaust tries every order in which the messages of a tiny cluster can arrive, with crashes at every
// moment, and prints the shortest way it finds to break a rule as a script.
//
//	exhaust                           two ballots, one crash
//	exhaust -ballots 3 -crashes 0     three ballots, no crash
//	exhaust -for 60s -partial         no longer than a minute, however much is left
//
// Messages are lost, late and overtaken without bound. It ends with 0 where every order was tried and no rule
// broken, with 1 where one was, with 2 where it could not run, and with 3 where more was left, which is no
// proof; with -partial that is what was asked for, and ends with 0.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/synod-log/synod/testenv/simulate"
)

func main() {
	x := simulate.Exhaustive{}
	x.Setup = simulate.TinySetup()
	flag.IntVar(&x.Setup.Acceptors, "acceptors", 3, "how many acceptors")
	flag.IntVar(&x.Setup.Proposers, "proposers", 2, "how many proposers")
	flag.IntVar(&x.Setup.Learners, "learners", 0, "how many learners")
	flag.IntVar(&x.Setup.Run, "run", x.Setup.Run, "how many values a message proposes at most")
	flag.IntVar(&x.Values, "slots", 1, "how many values are proposed; each takes a slot")
	flag.BoolVar(&x.IsApart, "apart", false, "each proposer holds so many values of its own, else all hold the same")
	flag.IntVar(&x.Campaigns, "ballots", 2, "how many ballots begin")
	flag.IntVar(&x.Each, "each", 1, "how many of them one proposer begins")
	flag.IntVar(&x.Waits, "waits", 0, "how often a worker that waits sends again, gives up, or repairs")
	flag.IntVar(&x.Crashes, "crashes", 1, "how many workers die, at any moment, and start again")
	flag.IntVar(&x.Repeats, "repeats", 0, "how many messages arrive twice")
	isFollowing := flag.Bool("follow", false, "proposers hear each other's accepts, and so follow each other")
	flag.DurationVar(&x.For, "for", 0, "end after this, done or not; 0: when all is done")
	flag.IntVar(&x.Workers, "workers", runtime.GOMAXPROCS(0), "how many states to expand at a time")
	isPartial := flag.Bool("partial", false, "end with 0 where more is left and no rule was broken so far")
	isQuiet := flag.Bool("q", false, "print no progress")
	flag.Parse()
	x.IsDeaf = !*isFollowing
	if err := x.Check(); err != nil {
		fmt.Fprintln(os.Stderr, "exhaust:", err)
		os.Exit(2)
	}
	if !*isQuiet {
		x.Progress = func(c simulate.Coverage) { fmt.Fprintln(os.Stderr, c) }
	}
	debug.SetGCPercent(400) // most of the memory is states, which stay
	fmt.Println(x.Bounds)
	c := x.Run()
	fmt.Println(c)
	if c.Failure != nil {
		fmt.Printf("# %v\n%s", c.Failure.Violation, c.Failure.Script())
		os.Exit(1)
	}
	if !c.IsDone && !*isPartial {
		os.Exit(3)
	}
}
