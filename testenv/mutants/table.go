package mutants

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// median returns the middle of some numbers, the lower one where there are two.
func median(numbers []int) int {
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[(len(sorted)-1)/2]
}

// Worlds is how many worlds the simulator needed: the median of the trials, and the most.
func (r Result) Worlds() string {
	switch len(r.Needed) {
	case 0:
		return ""
	case 1:
		return fmt.Sprint(r.Needed[0])
	}
	return fmt.Sprintf("%d (%d)", median(r.Needed), slices.Max(r.Needed))
}

// Outcome is what became of the mutant, in words.
func (r Result) Outcome() string {
	switch {
	case r.Err != nil:
		return fmt.Sprintf("NOT TRIED: %v", r.Err)
	case r.Mutant.IsSafe() && r.Caught == "":
		return "safe alone: " + r.Mutant.Faults[0].Safe
	case r.Mutant.IsSafe():
		return "CAUGHT by " + r.Caught + ", although it is said to be safe: " + r.Mutant.Faults[0].Safe
	case r.Caught == "":
		return "NOT CAUGHT"
	}
	return r.Caught
}

// Print writes results as a plain table, with their seconds.
func Print(to io.Writer, results []Result) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "fault\tkiller\tworlds\tseconds\tcaught by")
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%v\t%s\t%.1f\t%s\n", r.Mutant.Name(), r.Mutant.Killer, r.Worlds(),
			r.Took.Seconds(), strings.ReplaceAll(r.Outcome(), "\n", " "))
	}
	return table.Flush()
}

// Markdown writes results as a table for the documentation. Tests are named as citations are.
func Markdown(to io.Writer, results []Result) error {
	const head = "| part | fault | caught by | worlds needed: median (most) |\n|---|---|---|---|\n"
	if _, err := fmt.Fprint(to, head); err != nil {
		return err
	}
	for _, r := range results {
		caught := r.Outcome()
		if k := r.Mutant.Killer; r.Caught != "" && k.Seeds == 0 {
			caught = "`" + strings.TrimPrefix(k.Package, "./") + "." + r.Caught + "`"
		} else if r.Caught != "" {
			caught = "simulator: " + r.Caught
		}
		if _, err := fmt.Fprintf(to, "| %s | %s | %s | %s |\n", r.Mutant.Part(), r.Mutant.Name(), caught,
			r.Worlds()); err != nil {
			return err
		}
	}
	return nil
}

// Part is what the mutant breaks.
func (m Mutant) Part() string {
	var parts []string
	for _, fault := range m.Faults {
		if !slices.Contains(parts, fault.Part) {
			parts = append(parts, fault.Part)
		}
	}
	return strings.Join(parts, ", ")
}
