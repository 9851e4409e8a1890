package house

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Citation is a test, a mutant or a file that a page of the documentation names as evidence.
type Citation struct {
	Package string // directory in the module, of a test
	Test    string // name of a test, fuzz target or benchmark
	Mutant  string // name of a mutant
	File    string // path in the module
	Line    int    // of the page, from 1
}

func (c Citation) String() string {
	switch {
	case c.File != "":
		return c.File
	case c.Mutant != "":
		return "mutant " + c.Mutant
	}
	return c.Package + "." + c.Test
}

var (
	citedTest   = regexp.MustCompile("`([a-z0-9_/-]+)\\.((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]*)`")
	citedFile   = regexp.MustCompile("`([a-z0-9_/-]+/testdata/[A-Za-z0-9_/.-]+)`")
	citedMutant = regexp.MustCompile(`\*mutant: ([^*]+)\*`)
)

// Citations returns what a page names as evidence: tests as `store.TestX` with the package's directory
// before the point, mutants as *mutant: name*, and files under testdata by their path.
func Citations(page string) []Citation {
	var cited []Citation
	number := 0
	for line := range strings.Lines(page) {
		number++
		for _, found := range citedTest.FindAllStringSubmatch(line, -1) {
			cited = append(cited, Citation{Package: found[1], Test: found[2], Line: number})
		}
		for _, found := range citedFile.FindAllStringSubmatch(line, -1) {
			cited = append(cited, Citation{File: found[1], Line: number})
		}
		for _, found := range citedMutant.FindAllStringSubmatch(line, -1) {
			cited = append(cited, Citation{Mutant: found[1], Line: number})
		}
	}
	return cited
}

// Catalogue is the rows that the page of faults must have: a letter, and how many there are of it.
var Catalogue = []struct {
	Letter string
	Rows   int
}{{"B", 20}, {"P", 20}, {"R", 17}, {"H", 16}}

// CatalogueProblems returns what a page of faults lacks: each row of the catalogue must stand in it
// once, as a line of a table, and name a test, or say in its last column why there is none.
func CatalogueProblems(page string) []string {
	rows := make(map[string][]string)
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 4 {
			continue
		}
		row := strings.TrimSpace(cells[1])
		rows[row] = append(rows[row], strings.Join(cells[2:], "|"))
	}
	var problems []string
	for _, part := range Catalogue {
		for n := range part.Rows {
			row := fmt.Sprintf("%s%d", part.Letter, n+1)
			switch found := rows[row]; {
			case len(found) != 1:
				problems = append(problems, fmt.Sprintf("row %s stands %d times", row, len(found)))
			case len(Citations(found[0])) == 0 && !saysWhyNot(found[0]):
				problems = append(problems, fmt.Sprintf("row %s names no test, and does not say why not", row))
			}
		}
	}
	return problems
}

// saysWhyNot reports whether a row says in words that begin a sentence why no test covers it.
func saysWhyNot(row string) bool {
	return slices.ContainsFunc([]string{"Not tested: ", "Not built: "}, func(words string) bool {
		_, reason, found := strings.Cut(row, words)
		return found && len(strings.Trim(reason, " |")) > 0
	})
}
