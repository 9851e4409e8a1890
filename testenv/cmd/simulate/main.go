// Command simulate runs the roles of paxos in simulated worlds, one for each seed, and prints each way
// it finds to break a rule as a script, as short as it gets.
//
//	simulate -seeds 1e6         seeds 0 to 999,999
//	simulate -for 30s           as many as 30 seconds allow
//	simulate -seed 42 -v        one seed, told step by step
//	simulate -script file -v    a script, as printed
//
// It ends with 1 if a rule was broken.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/synod-log/synod/testenv/simulate"
)

type options struct {
	seeds    string
	first    uint64
	duration time.Duration
	seed     string
	script   string
	most     int
	workers  int
	verbose  bool
	hellos   bool
	quiet    bool
}

func main() {
	var o options
	flag.StringVar(&o.seeds, "seeds", "0", "how many `seeds` to run, such as 1e6; 0: no end")
	flag.Uint64Var(&o.first, "first", 0, "the first seed")
	flag.DurationVar(&o.duration, "for", 0, "how long to run")
	flag.StringVar(&o.seed, "seed", "", "run this one seed")
	flag.StringVar(&o.script, "script", "", "run the script in this `file`")
	flag.IntVar(&o.most, "failures", 1, "end after so many failures")
	flag.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "how many worlds to run at a time")
	flag.BoolVar(&o.verbose, "v", false, "tell a failing run step by step")
	flag.BoolVar(&o.hellos, "hellos", false, "with -v, tell hellos too")
	flag.BoolVar(&o.quiet, "q", false, "print what failed in one line, not shrunk")
	flag.Parse()
	debug.SetGCPercent(800) // worlds are small and short-lived: collecting them often costs a third
	ok, err := o.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run reports whether no rule was broken.
func (o options) run() (bool, error) {
	switch {
	case o.script != "":
		return o.runScript()
	case o.seed != "":
		return o.runSeed()
	}
	return o.runCampaign()
}

func (o options) runScript() (bool, error) {
	text, err := os.ReadFile(o.script)
	if err != nil {
		return false, err
	}
	setup, ops, err := simulate.ParseScript(string(text))
	if err != nil {
		return false, err
	}
	return o.replay(setup, ops) == nil, nil
}

func (o options) runSeed() (bool, error) {
	seed, err := strconv.ParseUint(o.seed, 10, 64)
	if err != nil {
		return false, err
	}
	var runner simulate.Runner
	failure := runner.Run(seed)
	if failure == nil {
		fmt.Printf("seed %d: all is well\n", seed)
		if o.verbose {
			setup, ops := runner.Last()
			o.replay(setup, ops)
		}
		return true, nil
	}
	o.report(failure)
	return false, nil
}

// replay runs operations, told step by step where wanted, and prints how they broke a rule.
func (o options) replay(setup simulate.Setup, ops []simulate.Operation) *simulate.Violation {
	w := simulate.NewWorld(setup, 0)
	if o.verbose {
		detail := simulate.Messages
		if o.hellos {
			detail = simulate.Everything
		}
		w.Print(func(line string) { fmt.Println("    " + line) }, detail)
	}
	for _, op := range ops {
		if w.Violation() != nil {
			break
		}
		if o.verbose {
			fmt.Println(op)
		}
		w.Do(op)
	}
	if v := w.Violation(); v != nil {
		fmt.Println("violation:", v)
		return v
	}
	return nil
}

// report prints a failure as a script, and its story where wanted.
func (o options) report(f *simulate.Failure) {
	if o.quiet {
		fmt.Printf("seed %d: %v\n", f.Seed, f.Violation)
		return
	}
	small := f.Shrink()
	fmt.Printf("# seed %d: %v\n%s\n", f.Seed, small.Violation, small.Script())
	if o.verbose {
		o.replay(small.Setup, small.Ops)
	}
}

func (o options) runCampaign() (bool, error) {
	seeds, err := strconv.ParseFloat(o.seeds, 64)
	if err != nil {
		return false, err
	}
	if seeds == 0 && o.duration == 0 {
		seeds = 1e5
	}
	c := simulate.Campaign{
		First: o.first, Seeds: uint64(seeds), For: o.duration, Workers: o.workers, Most: o.most,
	}
	if !o.quiet {
		c.Progress = func(done uint64, failed int) {
			fmt.Fprintf(os.Stderr, "%d worlds, %d failed\n", done, failed)
		}
	}
	result := c.Run()
	for _, f := range result.Failures {
		o.report(f)
	}
	perSecond := float64(result.Done) / result.Took.Seconds()
	fmt.Printf("%d worlds in %v: %.0f a second, %.0f a second and core; %d failed\n", result.Done,
		result.Took.Round(time.Millisecond), perSecond, perSecond/float64(o.workers), len(result.Failures))
	return len(result.Failures) == 0, nil
}
