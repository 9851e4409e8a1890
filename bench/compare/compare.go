// Package compare runs the contestants in turn, round after round, and writes down what was measured.
package compare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/probe"
	"github.com/synod-log/synod/bench/result"
)

// Settings are what a comparison is told.
type Settings struct {
	Rounds      int
	Each        time.Duration // how long each load takes
	Warm        time.Duration // how long it is carried out before, unmeasured
	Only        *regexp.Regexp
	Dir         string // where a directory for all data is made, on the disk that is measured
	Out         string // where results go
	Synod       string // the program; "": it is built
	Connections int    // that closed and open loops share, at most
	Kills       int    // of each kind of interruption
	Followers   []int
	LogSizes    []int
	ReadBack    int // how many values are read back at most
	Progress    io.Writer
	Flags       string // as they were given, for the record
}

// Files of results, in Settings.Out.
const (
	ResultsFile = "results.csv"
	MachineFile = "machine.json"
)

// newSystems are the contestants, in the order that the first round has.
var newSystems = []func(contestant.Setup) contestant.System{
	contestant.NewSynod, contestant.NewJetStreamDefault, contestant.NewJetStreamAlways,
	contestant.NewEtcd, contestant.NewRaft,
}

// comparison is one run.
type comparison struct {
	Settings
	binary  string // this program
	file    *result.File
	machine result.Machine
	began   time.Time
	peaks   map[string]float64 // of the present round: values a second, by way
}

// Run compares all contestants that Settings.Only does not exclude. What cannot be measured is told, and
// kept in the results; the rest goes on.
func Run(ctx context.Context, settings Settings) (err error) {
	dir, err := os.MkdirTemp(settings.Dir, "synod-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.MkdirAll(settings.Out, 0o755); err != nil {
		return err
	}
	c := &comparison{Settings: settings, began: time.Now()}
	if c.Dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if c.binary, err = os.Executable(); err != nil {
		return err
	}
	c.machine = result.Here(dir, settings.Flags)
	if err := c.buildSynod(ctx); err != nil {
		return err
	}
	if c.file, err = result.Create(filepath.Join(settings.Out, ResultsFile)); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, c.file.Close(), c.machine.Save(filepath.Join(settings.Out, MachineFile)))
	}()
	return c.run(ctx)
}

// run measures everything.
func (c *comparison) run(ctx context.Context) error {
	for round := 1; round <= c.Rounds; round++ {
		if err := c.probe(round); err != nil {
			return err
		}
		c.peaks = make(map[string]float64)
		for i := range newSystems {
			c.loads(ctx, round, newSystems[(i+round-1)%len(newSystems)])
		}
		for _, followers := range c.Followers {
			for _, newSystem := range newSystems {
				c.following(ctx, round, followers, newSystem)
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for _, newSystem := range newSystems {
		c.interruptions(ctx, newSystem)
	}
	for _, newSystem := range newSystems {
		c.growth(ctx, newSystem)
	}
	return ctx.Err()
}

// probe measures the floor of a round.
func (c *comparison) probe(round int) error {
	sync, err := probe.Sync(c.Dir)
	if err != nil {
		return err
	}
	echo, err := probe.Echo(c.Dir, c.binary)
	if err != nil {
		return err
	}
	c.sayf("round %d of %d: a sync takes %v, an echo through one broker %v", round, c.Rounds, sync, echo)
	c.add(round, "floor", "sync", "p50_us", microseconds(sync))
	c.add(round, "floor", "echo", "p50_us", microseconds(echo))
	return nil
}

// buildSynod builds the program where none was given, within its own module: with the versions that it names.
func (c *comparison) buildSynod(ctx context.Context) error {
	if c.Synod != "" {
		return nil
	}
	const module, program = "github.com/synod-log/synod", "./cmd/synod"
	where, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return fmt.Errorf("finding %s: %w", module, err)
	}
	c.Synod = filepath.Join(c.Dir, "synod")
	build := exec.CommandContext(ctx, "go", "build", "-o", c.Synod, program)
	build.Dir = strings.TrimSpace(string(where))
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", program, err, said)
	}
	return nil
}

// wants reports whether Settings.Only asks for a workload of a contestant.
func (c *comparison) wants(name, workload string) bool {
	return c.Only == nil || c.Only.MatchString(name+"/"+workload)
}

// with starts a contestant with empty stores, has it used, and ends it.
func (c *comparison) with(
	ctx context.Context, round int, newSystem func(contestant.Setup) contestant.System,
	use func(contestant.System) error,
) {
	dir, err := os.MkdirTemp(c.Dir, "data-")
	if err != nil {
		c.skip("a contestant", err)
		return
	}
	defer os.RemoveAll(dir)
	system := newSystem(contestant.Setup{Dir: dir, Binary: c.binary, Synod: c.Synod, Rotate: round - 1})
	defer system.Stop()
	if err := system.Start(ctx); err != nil {
		c.skip(system.Name()+" (does not start)", err)
		return
	}
	if err := use(system); err != nil {
		for _, p := range system.Processes() {
			if ended := p.Err(); ended != nil {
				err = errors.Join(err, ended)
			}
		}
		c.skip(system.Name(), err)
	}
}

// skip tells what was not measured, and why. An end that was asked for is no reason.
func (c *comparison) skip(what string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	line := fmt.Sprintf("%s: %v", what, err)
	c.sayf("skipped: %s", line)
	reason, _, _ := strings.Cut(line, "\n\ngoroutine ") // where it panicked is of no use in the record
	c.machine.Skipped = append(c.machine.Skipped, reason)
}

// add writes a row down. A row that cannot be written is told.
func (c *comparison) add(round int, name, workload, metric string, value float64) {
	row := result.Row{Round: round, Contestant: name, Workload: workload, Metric: metric, Value: value}
	if err := c.file.Add(row); err != nil {
		c.skip("a row of results", err)
	}
}

func (c *comparison) sayf(format string, values ...any) {
	fmt.Fprintf(c.Progress, "%5.0f s  %s\n", time.Since(c.began).Seconds(), fmt.Sprintf(format, values...))
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
