package mutants

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Workshop builds mutants and sets their killers on them.
type Workshop struct {
	Root   string        // of the module
	Trials int           // of the simulator, each with other seeds; 0 is 1
	Budget time.Duration // for one mutant, once it is built; 0 is five minutes
}

// Result is what came of one mutant.
type Result struct {
	Mutant Mutant
	Caught string // by what: a test's name, or the rule that was broken; empty where it was not
	Needed []int  // worlds, of each trial of the simulator
	Took   time.Duration
	Err    error // it could not be tried: it does not apply, or not build, or did not end in time
}

// IsRight reports whether the mutant was caught, or survived where it is safe.
func (r Result) IsRight() bool { return r.Err == nil && (r.Caught == "") == r.Mutant.IsSafe() }

// try runs a mutant's killer.
func (w Workshop) try(ctx context.Context, m Mutant, k killing) Result {
	began := time.Now()
	budget := w.Budget
	if budget == 0 {
		budget = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	r := Result{Mutant: m}
	if m.Killer.Seeds == 0 {
		r.Caught, r.Err = w.test(ctx, m.Killer, k)
	} else {
		r.Err = w.simulate(ctx, k, &r)
	}
	r.Took = time.Since(began)
	return r
}

func (k killing) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, k.path, args...)
	command.Env = append(os.Environ(), activeVariable+"="+strconv.Itoa(k.number))
	return command
}

var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: ([A-Za-z0-9_]+)`)

// test runs a package's tests, and returns the name of the first that failed.
func (w Workshop) test(ctx context.Context, killer Killer, k killing) (string, error) {
	command := k.command(ctx, "-test.failfast", "-test.run="+killer.Run)
	command.Dir = filepath.Join(w.Root, killer.Package)
	out, err := command.CombinedOutput()
	switch found := failedTest.FindStringSubmatch(string(out)); {
	case ctx.Err() != nil:
		return "", fmt.Errorf("the tests did not end in time: %w", ctx.Err())
	case err == nil && strings.Contains(string(out), "no tests to run"):
		return "", fmt.Errorf("%v: no test matches", killer)
	case err == nil:
		return "", nil
	case found != nil:
		return found[1], nil
	case strings.Contains(string(out), "panic: "):
		return "a panic", nil
	}
	return "", fmt.Errorf("the tests did not run: %w\n%.2000s", err, out)
}

// trialSeeds is how far apart the first seeds of trials are.
const trialSeeds = 1_000_000

var failedSeed = regexp.MustCompile(`(?m)^seed (\d+): ([^:\n]+)`)

// simulate runs worlds until one fails, in each trial.
func (w Workshop) simulate(ctx context.Context, k killing, r *Result) error {
	for trial := range max(w.Trials, 1) {
		first := trial * trialSeeds
		rule, seed, err := k.worlds(ctx, first, r.Mutant.Killer.Seeds)
		if err != nil || rule == "" {
			r.Caught = "" // one trial that finds nothing shows that the worlds are too few
			return err
		}
		if k.number != 0 {
			healthy := killing{path: k.path}
			if other, _, err := healthy.worlds(ctx, seed, 1); err != nil || other != "" {
				return errors.Join(fmt.Errorf("seed %d fails without the fault too: %s", seed, other), err)
			}
		}
		r.Caught, r.Needed = rule, append(r.Needed, seed-first+1)
	}
	return nil
}

// worlds runs the simulator, and returns the rule that was broken first and the seed of that world.
func (k killing) worlds(ctx context.Context, first, seeds int) (rule string, seed int, err error) {
	out, err := k.command(ctx, "-q", "-workers=1", "-seeds="+strconv.Itoa(seeds),
		"-first="+strconv.Itoa(first)).CombinedOutput()
	if err == nil {
		return "", 0, nil
	}
	found := failedSeed.FindStringSubmatch(string(out))
	if found == nil {
		return "", 0, fmt.Errorf("the simulator did not run, or not end in time: %w\n%.2000s", err, out)
	}
	seed, err = strconv.Atoi(found[1])
	return found[2], seed, err
}
