// Command bench compares Synod with its peers, side by side on one machine.
//
//	go run . compare          everything, for an hour or so; -quick takes a few minutes
//	go run . report           RESULTS.md and its plots again, from results.csv
//
// Each contestant runs as processes of its own, in turn with the others, round after round. All of them end
// with this one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/synod-log/synod/bench/compare"
	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/report"
	"github.com/synod-log/synod/bench/result"
	"github.com/synod-log/synod/bench/together"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: bench compare|report [flags]; -h tells the flags")
	}
	switch args[0] {
	case "compare":
		return runCompare(args[1:])
	case "report":
		return runReport(args[1:])
	case member.Command: // hidden: this program starts itself so
		return member.Run(args[1:])
	case together.Command: // so too
		return together.Run(args[1:])
	}
	return fmt.Errorf("no such command: %s", args[0])
}

func runCompare(args []string) error {
	settings := compare.Settings{Progress: os.Stderr}
	flags := flag.NewFlagSet("compare", flag.ExitOnError)
	flags.IntVar(&settings.Rounds, "rounds", 5, "how many rounds; medians are of these")
	flags.DurationVar(&settings.Each, "each", 2*time.Second, "how long each load takes")
	flags.DurationVar(&settings.Warm, "warm", 500*time.Millisecond, "how long each is carried out before it is measured")
	flags.DurationVar(&settings.Overload, "overload", 8*time.Second, "how long twice the peak is offered; 0: not at all")
	only := flags.String("only", "", "a regular expression for contestant/workload, such as 'synod.*/closed'")
	quick := flags.Bool("quick", false, "two short rounds, two kills, short logs: to see that all works")
	flags.StringVar(&settings.Dir, "dir", ".", "where the data goes: on the disk that is to be measured, not in memory")
	flags.StringVar(&settings.Out, "out", ".", "where results.csv, machine.json, RESULTS.md and plots go")
	flags.StringVar(&settings.Synod, "synod", "", "the program synod (default: built from this tree)")
	flags.BoolVar(&settings.Add, "add", false, "add to the results that are there: newer ones of a contestant's load replace older")
	bases := flags.String("basis", result.Apart+","+result.Together,
		"each program in a process of its own (apart), all in one (together), or both")
	flags.IntVar(&settings.Connections, "connections", 16, "connections that the clients of a load share, at most")
	flags.IntVar(&settings.Kills, "kills", 10, "interruptions of each kind")
	flags.IntVar(&settings.ReadBack, "read", 1_000_000, "values that are read back at most")
	followers := flags.String("followers", "1,10,50", "how many follow the log")
	sizes := flags.String("log-sizes", "100000,1000000,10000000", "lengths of the log")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *quick {
		quicken(flags)
	}
	settings.Flags = told(flags)
	var err error
	if settings.Followers, err = numbers(*followers); err != nil {
		return err
	}
	if settings.LogSizes, err = numbers(*sizes); err != nil {
		return err
	}
	if settings.Bases, err = parseBases(*bases); err != nil {
		return err
	}
	if *only != "" {
		if settings.Only, err = regexp.Compile(*only); err != nil {
			return err
		}
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := compare.Run(ctx, settings); err != nil {
		return err
	}
	return report.Write(os.Stdout, settings.Out)
}

// quicken makes a comparison short, where its flags do not say otherwise.
func quicken(flags *flag.FlagSet) {
	short := map[string]string{
		"rounds": "2", "each": "500ms", "warm": "200ms", "overload": "2s", "kills": "2", "followers": "1,10",
		"log-sizes": "10000,100000",
	}
	flags.Visit(func(f *flag.Flag) { delete(short, f.Name) })
	for name, value := range short {
		if err := flags.Set(name, value); err != nil {
			panic(err) // the flags stand above
		}
	}
}

// told are the flags that decide what is measured, as they were given. Where it was done is no one's matter.
func told(flags *flag.FlagSet) string {
	var all []string
	flags.Visit(func(f *flag.Flag) {
		if !slices.Contains([]string{"dir", "out", "synod", "quick"}, f.Name) {
			all = append(all, "-"+f.Name+"="+f.Value.String())
		}
	})
	return strings.Join(all, " ")
}

// numbers reads "1,10,50". An empty text is none.
func numbers(text string) ([]int, error) {
	var all []int
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		number, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		all = append(all, number)
	}
	return all, nil
}

// parseBases reads "apart,together".
func parseBases(text string) ([]string, error) {
	all := strings.Split(text, ",")
	for _, basis := range all {
		if basis != result.Apart && basis != result.Together {
			return nil, fmt.Errorf("no such basis: %q", basis)
		}
	}
	return all, nil
}

func runReport(args []string) error {
	flags := flag.NewFlagSet("report", flag.ExitOnError)
	out := flags.String("out", ".", "where results.csv and machine.json are, and RESULTS.md and plots go")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return report.Write(os.Stdout, *out)
}
