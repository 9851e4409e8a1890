package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pages are those that name tests as evidence, with how many they name at least.
var pages = map[string]int{"README.md": 8, "docs/faults.md": 80}

func TestEveryTestThatThePagesNameExists(t *testing.T) {
	for name, least := range pages {
		page, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		cited := Citations(string(page))
		if len(cited) < least {
			t.Errorf("%s names %d tests and files, want %d at least", name, len(cited), least)
		}
		known := make(map[string][]string)
		for _, c := range cited {
			if !exists(t, known, c) {
				t.Errorf("%s:%d names %s, which is not there", name, c.Line, c)
			}
		}
	}
}

func TestEveryRowOfTheCatalogueOfFaultsIsAnswered(t *testing.T) {
	page, err := os.ReadFile("../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range CatalogueProblems(string(page)) {
		t.Error("docs/faults.md: " + problem)
	}
}

// exists reports whether what is cited is in this module. Known are the tests of packages looked at before.
func exists(t *testing.T, known map[string][]string, c Citation) bool {
	switch {
	case c.File != "":
		_, err := os.Stat(filepath.Join("../..", c.File))
		return err == nil
	case c.Mutant != "":
		return slices.Contains(mutants(t), c.Mutant)
	}
	if known[c.Package] == nil {
		known[c.Package] = testsOf(t, c.Package)
	}
	return slices.Contains(known[c.Package], c.Test)
}

// mutants returns the names of the mutants.
func mutants(t *testing.T) []string {
	files, err := filepath.Glob("../mutants/testdata/faults/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if mutant, ok := strings.CutPrefix(strings.TrimSpace(line), "fault "); ok {
				names = append(names, mutant)
			}
		}
	}
	return names
}

// testsOf returns the names of a package's tests, fuzz targets and benchmarks.
func testsOf(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if f, isFunc := declared.(*ast.FuncDecl); isFunc && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func TestCitationsAreFound(t *testing.T) {
	got := Citations("| B1 | a | `store.TestAB`, `testenv/e2e.FuzzC` |\n*mutant: half is a quorum* `paxos/testdata/x.txt` and `go test ./store`\n")
	want := []Citation{
		{Package: "store", Test: "TestAB", Line: 1},
		{Package: "testenv/e2e", Test: "FuzzC", Line: 1},
		{File: "paxos/testdata/x.txt", Line: 2},
		{Mutant: "half is a quorum", Line: 2},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, missing := range []Citation{{Package: "store", Test: "TestNoSuchTest"}, {File: "store/testdata/none"}, {Mutant: "none"}} {
		if exists(t, map[string][]string{}, missing) {
			t.Errorf("%s is said to exist", missing)
		}
	}
}

func TestARowWithoutATestOrAReasonIsAProblem(t *testing.T) {
	var page strings.Builder
	for _, line := range []string{
		"| B1 | named | `store.TestX` |", "| B2 | reasoned | Not tested: nobody can |",
		"| B3 | silent | |", "| B4 | no reason | Not tested: |", "| B5 | once | `a.TestX` |",
		"| B5 | twice | `a.TestX` |",
	} {
		page.WriteString(line + "\n")
	}
	problems := strings.Join(CatalogueProblems(page.String()), "\n")
	for row, isProblem := range map[string]bool{
		"B1 ": false, "B2 ": false, "B3 ": true, "B4 ": true, "B5 ": true, "B6 ": true, "H16 ": true,
	} {
		if got := strings.Contains(problems, "row "+row); got != isProblem {
			t.Errorf("row %s is a problem: %t, want %t, in\n%s", row, got, isProblem, problems)
		}
	}
}
