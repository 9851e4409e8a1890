package mutants

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const leastSingles, leastPairs = 25, 50

func all(t *testing.T) (root string, faults []*Fault, pairs []Mutant) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	faults, pairs, err = All()
	if err != nil {
		t.Fatal(err)
	}
	return root, faults, pairs
}

func TestEveryMutantStillApplies(t *testing.T) {
	root, faults, pairs := all(t)
	for _, m := range append(Singles(faults), pairs...) {
		texts, err := m.Apply(root)
		if err != nil {
			t.Error(err)
		}
		for name, text := range texts {
			if original, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(original) == text {
				t.Errorf("%q changes nothing in %s (%v)", m.Name(), name, err)
			}
		}
	}
}

func TestThereAreEnoughMutantsOfEveryPart(t *testing.T) {
	_, faults, pairs := all(t)
	caught, parts := 0, map[string]int{}
	for _, fault := range faults {
		if fault.Safe == "" {
			caught++
			parts[fault.Part]++
		}
	}
	if caught < leastSingles || len(pairs) < leastPairs {
		t.Errorf("there are %d faults and %d pairs that must be caught, want %d and %d at least", caught, len(pairs),
			leastSingles, leastPairs)
	}
	for _, part := range []string{"protocol", "founding", "settled", "store", "ids", "identity", "codec", "worker"} {
		if parts[part] < 3 {
			t.Errorf("there are %d faults of %s that must be caught, want 3 at least", parts[part], part)
		}
	}
}

func TestEveryMutantSaysWhatMustBecomeOfIt(t *testing.T) {
	_, faults, pairs := all(t)
	seen, paired := map[string]bool{}, map[string]bool{}
	for _, pair := range pairs {
		if len(pair.Faults) != 2 || pair.Faults[0] == pair.Faults[1] {
			t.Errorf("%q is no pair", pair.Name())
			continue
		}
		one, other := pair.Faults[0].Name, pair.Faults[1].Name
		if seen[one+other] || seen[other+one] {
			t.Errorf("%q is there twice", pair.Name())
		}
		seen[one+other], paired[one], paired[other] = true, true, true
		if pair.Killer == (Killer{}) || pair.Faults[0].Safe != "" && pair.Faults[1].Safe != "" && pair.Why == "" {
			t.Errorf("%q has no killer, or does not say why it is caught though both are safe alone", pair.Name())
		}
	}
	for _, fault := range faults {
		if seen[fault.Name] || fault.Killer == (Killer{}) || len(fault.Changes) == 0 {
			t.Errorf("%q is there twice, or has no killer, or changes nothing", fault.Name)
		}
		seen[fault.Name] = true
		if fault.Safe != "" && !paired[fault.Name] {
			t.Errorf("%q is safe alone, and in no pair that shows what it is for", fault.Name)
		}
	}
}

func TestQuickMutantsAreCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: builds commands of mutants")
	}
	root, faults, pairs := all(t)
	chosen := Singles(faults)
	if os.Getenv("SYNOD_LONG") != "" {
		chosen = append(chosen, pairs...)
	} else {
		chosen = slices.DeleteFunc(chosen, func(m Mutant) bool { return !m.Faults[0].IsQuick })
	}
	_, err := Workshop{Root: root}.Hunt(t.Context(), chosen, runtime.GOMAXPROCS(0), func(r Result) {
		if !r.IsRight() {
			t.Errorf("%s: %s", r.Mutant.Name(), r.Outcome())
		}
	})
	if err != nil {
		t.Error(err)
	}
}

const quorumLine = "func (m Membership) Quorum() int { return len(m.Members)/2 + 1 }\n"

func TestAMutantThatIsTheProductIsNotCaught(t *testing.T) {
	root, _, _ := all(t)
	change := func(after string) []*Fault {
		return []*Fault{{Name: after, Changes: []Change{{"paxos/membership.go", quorumLine, after}}}}
	}
	_, err := Workshop{Root: root}.Hunt(t.Context(), []Mutant{
		{Faults: change(quorumLine + "\n"), Killer: Killer{Package: "./paxos", Run: "TestRunParts"}},
		{Faults: change("nonsense\n"), Killer: Killer{Package: "./paxos", Run: "TestRunParts"}},
	}, 1, func(r Result) {
		if isNonsense := r.Mutant.Name() == "nonsense\n"; r.Caught != "" || (r.Err != nil) != isNonsense {
			t.Errorf("%q: caught by %q, error %v", r.Mutant.Name(), r.Caught, r.Err)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAMutantOfAFunctionIsAVariantBesideIt(t *testing.T) {
	root, _, _ := all(t)
	v := newVariants(root)
	half := strings.Replace(quorumLine, "+ 1", "+ 0", 1)
	for i, one := range []struct {
		after   string
		isShare bool
	}{{half, true}, {strings.Replace(half, "int", "int64", 1), false}} {
		fault := &Fault{Changes: []Change{{"paxos/membership.go", quorumLine, one.after}}}
		isShared, err := v.add(i+1, Mutant{Faults: []*Fault{fault}})
		if err != nil || isShared != one.isShare {
			t.Errorf("%q is shared: %t, %v", one.after, isShared, err)
		}
	}
	source := v.sources()["paxos/membership.go"]
	for _, want := range []string{
		"case 1:\nreturn m.Quorum_1()\n", "func (m Membership) Quorum_1() int { return len(m.Members)/2 + 0 }",
	} {
		if strings.Count(source, want) != 1 {
			t.Errorf("%q stands %d times in\n%s", want, strings.Count(source, want), source)
		}
	}
}

func TestFaultsThatTouchTheSameLinesAreNoPair(t *testing.T) {
	root, _, _ := all(t)
	fault := &Fault{Name: "one", Changes: []Change{{"paxos/doc.go", "package paxos\n", "package paxos \n"}}}
	if _, err := (Mutant{Faults: []*Fault{fault, fault}}).Apply(root); err == nil {
		t.Error("both were laid over the same line")
	}
}
