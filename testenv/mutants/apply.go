package mutants

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// edit is bytes of a file replaced by others.
type edit struct {
	from, to int
	after    string
	fault    string
}

// Apply returns the files, named from the module's root, that the mutant changes. The faults of a pair
// are laid over the same text, and must not touch the same lines.
func (m Mutant) Apply(root string) (map[string]string, error) {
	texts, edits := map[string]string{}, map[string][]edit{}
	for _, fault := range m.Faults {
		for _, c := range fault.Changes {
			if texts[c.File] == "" {
				text, err := os.ReadFile(filepath.Join(root, c.File))
				if err != nil {
					return nil, err
				}
				texts[c.File] = string(text)
			}
			if n := strings.Count("\n"+texts[c.File], "\n"+c.Before); n != 1 || c.Before == "" {
				return nil, fmt.Errorf("%q no longer applies: its lines stand %d times in %s", fault.Name, n, c.File)
			}
			from := strings.Index("\n"+texts[c.File], "\n"+c.Before)
			edits[c.File] = append(edits[c.File], edit{from, from + len(c.Before), c.After, fault.Name})
		}
	}
	for file, list := range edits {
		text, err := replace(texts[file], list)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		texts[file] = text
	}
	return texts, nil
}

func replace(text string, edits []edit) (string, error) {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at {
			return "", fmt.Errorf("%q changes lines that its other half changes too", e.fault)
		}
		out.WriteString(text[at:e.from] + e.after)
		at = e.to
	}
	return out.String() + text[at:], nil
}

// overlay writes what the go command's -overlay needs into dir, and returns the path of its list.
func overlay(root, dir string, texts map[string]string) (string, error) {
	replaced := map[string]string{}
	for file, text := range texts {
		mutated := filepath.Join(dir, overlayName(file))
		if err := os.WriteFile(mutated, []byte(text), 0o600); err != nil {
			return "", err
		}
		replaced[filepath.Join(root, file)] = mutated
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": replaced})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, list, 0o600)
}

// overlayName is what a file of the product is called among those that replace it.
func overlayName(file string) string { return strings.ReplaceAll(file, "/", "-") }
