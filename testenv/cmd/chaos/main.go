// Command chaos runs Synod as real processes and does to them what a bad week does; see package
// chaos.
//
//	go run ./testenv/cmd/chaos -for 5m
//	go run ./testenv/cmd/chaos -for 20m -rounds 12 -seed 1000 -rate 200
//	go run ./testenv/cmd/chaos -recheck DIR
//
// It exits with 1 where something did not hold, and says where the logs, stores and the history
// are.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/synod-log/synod/testenv/chaos"
	"github.com/synod-log/synod/testenv/process"
)

func main() {
	o := chaos.Options{Out: os.Stdout}
	flag.DurationVar(&o.For, "for", 5*time.Minute, "how long faults are injected, in each round")
	flag.Uint64Var(&o.Seed, "seed", 0, "of the first round's faults, one more each round; 0: drawn")
	flag.IntVar(&o.Rate, "rate", 300, "values per second that all clients aim at together")
	flag.StringVar(&o.Dir, "dir", "", "where each round makes its directory (default: for temporary files)")
	flag.StringVar(&o.Synod, "synod", "", "the executable to test (default: built from this source)")
	flag.BoolVar(&o.Keep, "keep", false, "keep a round's directory even if all held")
	recheck := flag.String("recheck", "", "check the history in this directory again, and run nothing")
	rounds := flag.Int("rounds", 1, "how many rounds to run, each with a new cluster")
	flag.Parse()
	if o.Rate <= 0 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "-rate must be positive, and there are no arguments")
		os.Exit(2)
	}
	if *recheck != "" {
		os.Exit(checkAgain(*recheck))
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64N(1_000_000_000)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	context.AfterFunc(ctx, cancel) // a second signal ends it at once
	isRight, err := run(ctx, o, *rounds)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || !isRight {
		os.Exit(1)
	}
}

// checkAgain checks a history that a run left, and returns the exit code.
func checkAgain(dir string) int {
	faults, err := chaos.Recheck(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, fault := range faults {
		fmt.Println("BROKEN:", fault)
	}
	if len(faults) > 0 {
		return 1
	}
	fmt.Println("The history is right.")
	return 0
}

// run builds the programs and runs the rounds, until something does not hold.
func run(ctx context.Context, o chaos.Options, rounds int) (isRight bool, err error) {
	built, err := os.MkdirTemp("", "synod-build-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(built)
	if o.Synod == "" {
		if o.Synod, err = process.BuildIn(built, "cmd/synod"); err != nil {
			return false, err
		}
	}
	if o.Broker, err = process.BuildIn(built, "testenv/cmd/broker"); err != nil {
		return false, err
	}
	for round := range rounds {
		fmt.Printf("round %d of %d: seed %d, faults for %v, %d values/s\n", round+1, rounds, o.Seed,
			o.For, o.Rate)
		result, err := chaos.Run(ctx, o)
		if result.Dir != "" {
			fmt.Printf("its logs, stores and history are in %s\n", result.Dir)
		}
		if err != nil {
			return false, err
		}
		if len(result.Broken) > 0 {
			fmt.Printf("FAILED. The same faults at the same moments, though not the same interleaving:\n"+
				"  go run ./testenv/cmd/chaos -for %v -seed %d -rate %d\n", o.For, o.Seed, o.Rate)
			return false, nil
		}
		fmt.Printf("All held: %d faults injected.\n\n", result.Faults)
		o.Seed++
	}
	return true, nil
}
