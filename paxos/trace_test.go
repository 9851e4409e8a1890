package paxos_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/synod-log/synod/testenv/simulate"
)

// The traces in testdata are stories of a simulated cluster, told by what its workers do at each
// operation. They are checked word by word; run with -rewrite to write down what happens now.
func TestTracesTellWhatHappens(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			trace := trace{world: simulate.NewWorld(simulate.DefaultSetup(), 0)}
			datadriven.RunTest(t, path, trace.tell)
			if violation := trace.world.Violation(); violation != nil {
				t.Error(violation)
			}
		})
	}
}

// trace carries out a script's operations in one world, and tells what each brings about.
type trace struct {
	world *simulate.World
}

func (r *trace) tell(t *testing.T, d *datadriven.TestData) string {
	words := []string{d.Cmd}
	for _, arg := range d.CmdArgs {
		words = append(words, arg.String())
	}
	var told strings.Builder
	for line := range strings.Lines(strings.Join(words, " ") + "\n" + d.Input) {
		if line = strings.TrimSpace(line); line != "" {
			r.do(t, d, line, &told)
		}
	}
	return told.String()
}

func (r *trace) do(t *testing.T, d *datadriven.TestData, line string, told *strings.Builder) {
	if strings.HasPrefix(line, "cluster") {
		setup, err := simulate.ParseSetup(line)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		r.world = simulate.NewWorld(setup, 0)
		return
	}
	op, err := simulate.Parse(line)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	r.world.Print(func(line string) { told.WriteString(line + "\n") }, simulate.Story)
	r.world.Do(op)
	if violation := r.world.Violation(); violation != nil {
		d.Fatalf(t, "%v", violation)
	}
}
