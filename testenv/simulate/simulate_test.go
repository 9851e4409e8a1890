package simulate

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// seeds is how many worlds the tests run.
func seeds() uint64 {
	if os.Getenv("SYNOD_LONG") != "" {
		return 200_000
	}
	return 3_000
}

func TestNoSeedBreaksARule(t *testing.T) {
	c := Campaign{Seeds: seeds(), Workers: runtime.GOMAXPROCS(0), Most: 3}
	result := c.Run()
	t.Logf("%d worlds", result.Done)
	for _, failure := range result.Failures {
		small := failure.Shrink()
		t.Errorf("seed %d: %v\n%s", failure.Seed, small.Violation, small.Script())
	}
}

func BenchmarkSeed(b *testing.B) {
	var runner Runner
	b.ReportAllocs()
	for seed := range uint64(b.N) {
		if failure := runner.Run(seed); failure != nil {
			b.Fatalf("seed %d: %v", seed, failure.Violation)
		}
	}
}

// What seeds once found stays found.
func TestWhatWasFoundStaysMended(t *testing.T) {
	scripts, err := filepath.Glob("testdata/found/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			setup, ops, err := ParseScript(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if v := Replay(setup, ops); v != nil {
				t.Error(v)
			}
		})
	}
}

func TestARunAndItsScriptEndTheSame(t *testing.T) {
	var runner Runner
	for seed := range uint64(200) {
		runner.Run(seed)
		setup, ops := runner.Last()
		want := runner.world.summary()
		script := (&Failure{Setup: setup, Ops: ops}).Script()
		parsedSetup, parsed, err := ParseScript(script)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		w := NewWorld(parsedSetup, 0)
		for _, op := range parsed {
			w.Do(op)
		}
		if got := w.summary(); got != want {
			t.Errorf("seed %d: its script ends with\n%s\nwant\n%s", seed, got, want)
		}
	}
}

// summary tells what was chosen, and what the roles say of themselves.
func (w *World) summary() string {
	var text strings.Builder
	for slot := range w.truth.chosen {
		fmt.Fprintf(&text, "%d %v\n", slot, w.truth.chosen[slot].value)
	}
	w.Print(func(line string) { text.WriteString(line + "\n") }, Everything)
	w.show(None)
	w.print = nil
	return text.String()
}

func TestShrinkingLeavesWhatMatters(t *testing.T) {
	failure := &Failure{Setup: DefaultSetup(), Violation: &Violation{Rule: "liveness"}}
	for _, line := range []string{
		"run 20", "propose red", "tick p1", "deliver", "pause a1", "run 3", "resume a1",
		"cut from=a1 to=p1", "cut from=a2 to=p1", "heal", "crash a1", "propose blue green", "restart a1",
		"leave p1", "settle 30",
	} {
		op, err := Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		failure.Ops = append(failure.Ops, op)
	}
	// No proposer is left, and so nothing is asked for.
	if v := Replay(failure.Setup, failure.Ops); v != nil {
		t.Fatal(v)
	}
	failure.Ops[13].Verb = Crash
	failure.Ops = append(failure.Ops, Operation{Verb: Restart, Who: Proposer(1)},
		Operation{Verb: Settle, N: 1})
	if failure.Violation = Replay(failure.Setup, failure.Ops); failure.Violation == nil {
		t.Fatal("a proposer leads within a round of its start")
	}
	small := failure.Shrink()
	if got, want := small.Script(), "cluster acceptors=3 proposers=1 learners=1\nsettle 1\n"; got != want {
		t.Errorf("shrunk to\n%s\nwant\n%s", got, want)
	}
}
