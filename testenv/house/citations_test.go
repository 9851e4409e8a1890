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
		for _, c := range cited {
			if !exists(t, c) {
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

// exists reports whether what is cited is in this module.
func exists(t *testing.T, c Citation) bool {
	if c.File != "" {
		_, err := os.Stat(filepath.Join("../..", c.File))
		return err == nil
	}
	return slices.Contains(testsOf(t, c.Package), c.Test)
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
	got := Citations("| B1 | a | `store.TestAB`, `testenv/e2e.FuzzC` |\n`paxos/testdata/x.txt` and `go test ./store`\n")
	want := []Citation{
		{Package: "store", Test: "TestAB", Line: 1},
		{Package: "testenv/e2e", Test: "FuzzC", Line: 1},
		{File: "paxos/testdata/x.txt", Line: 2},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, missing := range []Citation{{Package: "store", Test: "TestNoSuchTest"}, {File: "store/testdata/none"}} {
		if exists(t, missing) {
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
