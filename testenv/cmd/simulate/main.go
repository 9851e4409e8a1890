// Command simulate runs the roles of paxos in simulated worlds, one for each seed, and prints each way
// it finds to break a rule as a script, as short as it gets.
//
//	simulate -seeds 1e6         seeds 0 to 999,999, on all cores
//	simulate -for 5m            as many as five minutes allow
//	simulate -seed 42 -v        one seed, told step by step
//	simulate -script file -v    a script, as printed
//
// While it runs it tells how far it is, and at the end how fast it was and how often each kind of
// fault was injected. With -keep, each failure is also written to a script in the directory found.
//
// It ends with 0 where no rule was broken, with 1 where one was, and with 2 where it could not run.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
	keep     bool
}

func main() {
	var o options
	flag.StringVar(&o.seeds, "seeds", "0", "run so many `seeds`, such as 1e6; 0: no end but -for, or 1e5")
	flag.Uint64Var(&o.first, "first", 0, "the first `seed` of -seeds and -for")
	flag.DurationVar(&o.duration, "for", 0, "run for so long, such as 5m; 0: no end but -seeds")
	flag.StringVar(&o.seed, "seed", "", "run this one `seed`")
	flag.StringVar(&o.script, "script", "", "run the script in this `file`")
	flag.IntVar(&o.most, "failures", 1, "end after so many failures")
	flag.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "run so many worlds at a time")
	flag.BoolVar(&o.verbose, "v", false, "tell a failing run, or the one of -seed or -script, step by step")
	flag.BoolVar(&o.hellos, "hellos", false, "with -v, tell hellos too")
	flag.BoolVar(&o.quiet, "q", false, "tell no progress; print what failed in one line, not shrunk")
	flag.BoolVar(&o.keep, "keep", false, "write what failed, shrunk, to found/seed_N.txt too")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
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

func usage() {
	fmt.Fprint(flag.CommandLine.Output(), `Simulate runs the roles of Synod in simulated worlds, one for each seed, where all that can go wrong
does, and prints each way it finds to break a rule as a script, as short as it gets.

  simulate -seeds 1e6         seeds 0 to 999,999, on all cores
  simulate -for 5m            as many as five minutes allow
  simulate -seed 42 -v        one seed, told step by step
  simulate -script file -v    a script, as printed

It ends with 0 where no rule was broken, with 1 where one was, and with 2 where it could not run.

`)
	flag.PrintDefaults()
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
	return false, o.report(failure)
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
func (o options) report(f *simulate.Failure) error {
	if o.quiet {
		fmt.Printf("seed %d: %v\n", f.Seed, f.Violation)
		return nil
	}
	small := f.Shrink()
	script := fmt.Sprintf("# seed %d: %v\n%s", f.Seed, small.Violation, small.Script())
	fmt.Println(script)
	if o.verbose {
		o.replay(small.Setup, small.Ops)
	}
	if !o.keep {
		return nil
	}
	if err := os.MkdirAll("found", 0o755); err != nil {
		return err
	}
	path := filepath.Join("found", fmt.Sprintf("seed_%d.txt", f.Seed))
	fmt.Println("written to", path)
	return os.WriteFile(path, []byte(script), 0o644)
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
	progress := newProgress(c.Seeds, c.For)
	if !o.quiet {
		c.Progress = progress.tell
	}
	result := c.Run()
	if !o.quiet {
		progress.end()
	}
	for _, f := range result.Failures {
		if err := o.report(f); err != nil {
			return false, err
		}
	}
	perSecond := float64(result.Done) / result.Took.Seconds()
	fmt.Printf("%s worlds in %v: %.0f schedules a second, %.0f a second and core; %d failed\n",
		grouped(result.Done), result.Took.Round(time.Millisecond), perSecond, perSecond/float64(o.workers),
		len(result.Failures))
	if !o.quiet {
		printFaults(os.Stdout, &result.Faults, result.Done)
	}
	return len(result.Failures) == 0, nil
}
