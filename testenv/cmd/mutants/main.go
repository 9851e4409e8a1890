// Command mutants breaks the product on purpose and prints what noticed.
//
//	mutants                   every fault alone
//	mutants -pairs            every pair of faults
//	mutants -only '^settled'  those whose part and name match: "settled: a page has no bound"
//	mutants -trials 5         the simulator five times, with other seeds each
//	mutants -markdown         the table of docs/faults.md
//
// It is run in the module. It ends with 1 if a mutant was not caught, or one that is safe was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/synod-log/synod/testenv/mutants"
)

type options struct {
	isSingles, isPairs, isMarkdown bool
	only                           string
	parallel                       int
	workshop                       mutants.Workshop
}

func main() {
	var o options
	flag.BoolVar(&o.isSingles, "singles", false, "try every fault alone; so it is where -pairs is not given")
	flag.BoolVar(&o.isPairs, "pairs", false, "try every pair")
	flag.BoolVar(&o.isMarkdown, "markdown", false, "print the table as Markdown")
	flag.StringVar(&o.only, "only", "", "try those whose part and name match this `expression`")
	flag.IntVar(&o.parallel, "parallel", runtime.GOMAXPROCS(0), "how many to try at a time")
	flag.IntVar(&o.workshop.Trials, "trials", 1, "how often the simulator must catch one")
	flag.DurationVar(&o.workshop.Budget, "budget", 5*time.Minute, "for one mutant, once it is built")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := o.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run reports whether all is as it should be.
func (o options) run(ctx context.Context) (bool, error) {
	chosen, err := o.choose()
	if err != nil {
		return false, err
	}
	if o.workshop.Root, err = moduleRoot(); err != nil {
		return false, err
	}
	began, done, wrong := time.Now(), 0, 0
	results, err := o.workshop.Hunt(ctx, chosen, o.parallel, func(r mutants.Result) {
		done++
		if !r.IsRight() {
			wrong++
		}
		fmt.Fprintf(os.Stderr, "%d of %d: %s: %s %s (%.1f s)\n", done, len(chosen), r.Mutant.Name(), r.Outcome(),
			r.Worlds(), r.Took.Seconds())
	})
	if err != nil {
		return false, err
	}
	print := mutants.Print
	if o.isMarkdown {
		print = mutants.Markdown
	}
	if err := print(os.Stdout, results); err != nil {
		return false, err
	}
	fmt.Fprintf(os.Stderr, "%d mutants in %v, %d not as they should be\n", len(results),
		time.Since(began).Round(time.Second), wrong)
	return wrong == 0, nil
}

// choose returns the mutants that are asked for.
func (o options) choose() ([]mutants.Mutant, error) {
	name, err := regexp.Compile(o.only)
	if err != nil {
		return nil, err
	}
	faults, pairs, err := mutants.All()
	if err != nil {
		return nil, err
	}
	var all []mutants.Mutant
	if o.isSingles || !o.isPairs {
		all = mutants.Singles(faults)
	}
	if o.isPairs {
		all = append(all, pairs...)
	}
	all = slices.DeleteFunc(all, func(m mutants.Mutant) bool { return !name.MatchString(m.Part() + ": " + m.Name()) })
	if len(all) == 0 {
		return nil, errors.New("no such mutant")
	}
	return all, nil
}

// moduleRoot is the directory of the go.mod that the working directory is under.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not in a module: run it in the module's directory")
		}
		dir = parent
	}
}
