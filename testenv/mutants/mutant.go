package mutants

import (
	"fmt"
	"strings"
)

// Fault is the product with one rule broken.
type Fault struct {
	Name    string
	Part    string // of the product, from the name of the file that the fault stands in
	Killer  Killer
	Safe    string // why it is not caught alone; empty where it must be
	IsQuick bool   // tried in every run of this package's tests
	Changes []Change
}

// Change is some lines of a file, named from the module's root, replaced by others.
type Change struct {
	File          string
	Before, After string
}

// Killer is what must fail on a mutant: the simulator where Seeds is not 0, else a package's tests.
type Killer struct {
	Seeds   int    // worlds, at most
	Package string // such as ./store
	Run     string // expression for the names of its tests
}

func (k Killer) String() string {
	switch {
	case k.Seeds > 0:
		return fmt.Sprintf("simulate %d", k.Seeds)
	case k.Package != "":
		return strings.TrimSpace("test " + k.Package + " " + k.Run)
	}
	return "none"
}

// Mutant is the product with the faults of one or two.
type Mutant struct {
	Faults []*Fault
	Killer Killer
	Why    string // of a pair: what it shows, where that is not plain
}

// Name is the faults' names.
func (m Mutant) Name() string {
	names := make([]string, len(m.Faults))
	for i, fault := range m.Faults {
		names[i] = fault.Name
	}
	return strings.Join(names, " + ")
}

// IsSafe reports whether the mutant is one fault that is safe alone: its killer must not fail.
func (m Mutant) IsSafe() bool { return len(m.Faults) == 1 && m.Faults[0].Safe != "" }

// Singles returns each fault alone.
func Singles(faults []*Fault) []Mutant {
	singles := make([]Mutant, len(faults))
	for i, fault := range faults {
		singles[i] = Mutant{Faults: []*Fault{fault}, Killer: fault.Killer}
	}
	return singles
}
