package simulate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/synod-log/synod/testenv/mutants"
)

// caughtInEveryOrder are the mutants that a tiny cluster can express, with the bounds within which it does.
// Quick ones are tried in every test run, the others where SYNOD_LONG is set.
var caughtInEveryOrder = []struct {
	mutant  string
	bounds  string
	isQuick bool
}{
	{"a promise is not durable", "-acceptors 2 -ballots 1 -crashes 0", true},
	{"a run below the promise is accepted", "-acceptors 2 -ballots 2 -crashes 0", false},
	{"half is a quorum", "-acceptors 2 -ballots 1 -crashes 0", false},
	{"a candidate proposes no-ops where it was told of values", "-acceptors 2 -ballots 2 -crashes 0", false},
	{"learners pair what is chosen with values of another ballot", "-acceptors 2 -ballots 2 -crashes 0 -learners 1", false},
	{"a restarted proposer uses a ballot again", "-acceptors 2 -proposers 1 -ballots 2 -each 2", false},
	{"votes are counted, not acceptors", "-proposers 1 -ballots 1 -crashes 0 -repeats 1", false},
	{"accepting does not raise the promise", "-ballots 2 -crashes 0", false},
}

func TestEveryOrderCatchesMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: builds a command for each mutant")
	}
	faults, _, err := mutants.All()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]mutants.Mutant{}
	for _, m := range mutants.Singles(faults) {
		named[m.Name()] = m
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range caughtInEveryOrder {
		m, isThere := named[c.mutant]
		if !isThere {
			t.Errorf("no mutant is called %q", c.mutant)
		}
		if !isThere || !c.isQuick && os.Getenv("SYNOD_LONG") == "" {
			continue
		}
		t.Run(strings.ReplaceAll(c.mutant, " ", "-"), func(t *testing.T) {
			args := append([]string{"-q", "-workers", "2"}, strings.Fields(c.bounds)...)
			command, err := mutants.Workshop{Root: root}.Build(t.Context(), t.TempDir(), m, "./testenv/cmd/exhaust")
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(command, args...).CombinedOutput()
			if err == nil {
				t.Fatalf("not caught:\n%s", out)
			}
			_, story, isCaught := strings.Cut(string(out), "\n# ")
			if !isCaught {
				t.Fatalf("it did not run: %v\n%s", err, out)
			}
			rule, script, _ := strings.Cut(story, "\n")
			if setup, ops, err := ParseScript(script); err != nil {
				t.Error(err)
			} else if v := Replay(setup, ops); v != nil {
				t.Errorf("the core without the mutant breaks a rule, too: %v", v)
			}
			t.Logf("%s, in %d operations", rule, strings.Count(script, "\n")-1)
		})
	}
}
