// Package compare runs the contestants in turn, round after round, and writes down what was measured.
package compare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/probe"
	"github.com/synod-log/synod/bench/result"
	"github.com/synod-log/synod/bench/together"
)

// Settings are what a comparison is told.
type Settings struct {
	Rounds      int
	Each        time.Duration // how long each load takes
	Warm        time.Duration // how long it is carried out before, unmeasured
	Overload    time.Duration // how long twice the peak is offered; 0: not at all
	Only        *regexp.Regexp
	Bases       []string // result.Apart, result.Together or both
	Dir         string   // where a directory for all data is made, on the disk that is measured
	Out         string   // where results go
	Add         bool     // to the results that are there, instead of in their place
	Synod       string   // the program; "": it is built
	Connections int      // that closed and open loops share, at most
	Kills       int      // of each kind of interruption
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

// comparison is one run.
type comparison struct {
	Settings
	binary  string // this program
	file    *result.File
	machine result.Machine
	began   time.Time
	basis   string             // the present one
	peaks   map[string]float64 // of the present round, on the present basis: values a second, by way
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
	machines, err := c.open()
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, c.file.Close(),
			result.SaveMachines(filepath.Join(settings.Out, MachineFile), append(machines, c.machine)))
	}()
	return c.run(ctx)
}

// open makes the file of results, or opens it for more. It returns where the results in it were made.
func (c *comparison) open() (machines []result.Machine, err error) {
	path := filepath.Join(c.Out, ResultsFile)
	if !c.Add {
		c.file, err = result.Create(path)
		return nil, err
	}
	machines, err = result.ReadMachines(filepath.Join(c.Out, MachineFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c.file, err = result.Append(path)
	return machines, err
}

// run measures everything. What only processes of their own can show, is measured of them alone.
func (c *comparison) run(ctx context.Context) error {
	for round := 1; round <= c.Rounds; round++ {
		for _, c.basis = range c.Bases {
			if err := c.round(ctx, round); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(c.Bases, result.Apart) {
		return ctx.Err()
	}
	c.basis = result.Apart
	for _, newSystem := range contestant.All(c.basis) {
		c.interruptions(ctx, newSystem)
	}
	for _, newSystem := range contestant.All(c.basis) {
		c.growth(ctx, newSystem)
	}
	return ctx.Err()
}

// round measures all contestants once, on one basis.
func (c *comparison) round(ctx context.Context, round int) error {
	if err := c.probe(round); err != nil {
		return err
	}
	c.peaks = make(map[string]float64)
	all := contestant.All(c.basis)
	for i := range all {
		newSystem := all[(i+round-1)%len(all)]
		if c.basis == result.Together {
			newSystem = together.Of(newSystem)
		}
		c.loads(ctx, round, newSystem)
	}
	if c.basis == result.Together {
		return ctx.Err()
	}
	for i := range all {
		c.overload(ctx, round, all[(i+round-1)%len(all)])
	}
	for _, followers := range c.Followers {
		for _, newSystem := range all {
			c.following(ctx, round, followers, newSystem)
		}
	}
	return ctx.Err()
}

// probe measures the floor of a round.
func (c *comparison) probe(round int) error {
	sync, err := probe.Sync(c.Dir)
	if err != nil {
		return err
	}
	binary := c.binary
	if c.basis == result.Together {
		binary = ""
	}
	echo, err := probe.Echo(c.Dir, binary)
	if err != nil {
		return err
	}
	c.sayf("round %d of %d, %s: a sync takes %v, an echo through one broker %v", round, c.Rounds, c.basis, sync, echo)
	c.add(round, result.Floor, "sync", "p50_us", microseconds(sync))
	c.add(round, result.Floor, "echo", "p50_us", microseconds(echo))
	return nil
}

// buildSynod builds the program where it is needed and none was given, within its own module: with the
// versions that it names.
func (c *comparison) buildSynod(ctx context.Context) error {
	if c.Synod != "" || !slices.Contains(c.Bases, result.Apart) {
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
	ctx context.Context, round int, newSystem contestant.New,
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
	row := result.Row{Part: c.machine.Date, Basis: c.basis, Round: round, Contestant: name, Workload: workload,
		Metric: metric, Value: value}
	if err := c.file.Add(row); err != nil {
		c.skip("a row of results", err)
	}
}

func (c *comparison) sayf(format string, values ...any) {
	fmt.Fprintf(c.Progress, "%5.0f s  %s\n", time.Since(c.began).Seconds(), fmt.Sprintf(format, values...))
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
