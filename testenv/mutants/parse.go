package mutants

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

//go:embed testdata
var testdata embed.FS

// All returns every fault, and the pairs of them.
func All() (faults []*Fault, pairs []Mutant, err error) {
	files, err := testdata.ReadDir("testdata/faults")
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		text, err := testdata.ReadFile("testdata/faults/" + file.Name())
		if err != nil {
			return nil, nil, err
		}
		part := strings.TrimSuffix(file.Name(), path.Ext(file.Name()))
		more, err := parseFaults(part, string(text))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		faults = append(faults, more...)
	}
	text, err := testdata.ReadFile("testdata/pairs.txt")
	if err != nil {
		return nil, nil, err
	}
	pairs, err = parsePairs(faults, string(text))
	return faults, pairs, err
}

func parseFaults(part, text string) ([]*Fault, error) {
	var faults []*Fault
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if name, isNew := strings.CutPrefix(line, "fault "); isNew {
			faults = append(faults, &Fault{Name: name, Part: part})
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if len(faults) == 0 {
			return nil, fmt.Errorf("line %d: no fault begins before it", number)
		}
		if err := faults[len(faults)-1].parse(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return faults, nil
}

// parse reads one line of a fault.
func (f *Fault) parse(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "quick":
		f.IsQuick = true
	case word == "safe":
		f.Safe = strings.TrimSpace(f.Safe + " " + rest)
	case word == "killer":
		return f.Killer.parse(rest)
	case word == "file":
		f.Changes = append(f.Changes, Change{File: rest})
	case len(f.Changes) == 0:
		return errors.New("neither killer, safe, quick nor file")
	case line[0] == '-':
		c := &f.Changes[len(f.Changes)-1]
		c.Before += line[1:] + "\n"
	case line[0] == '+':
		c := &f.Changes[len(f.Changes)-1]
		c.After += line[1:] + "\n"
	default:
		return errors.New("neither killer, safe, quick, file, - nor +")
	}
	return nil
}

func (k *Killer) parse(text string) error {
	words := strings.SplitN(text, " ", 3)
	switch {
	case words[0] == "simulate" && len(words) == 2:
		seeds, err := strconv.Atoi(words[1])
		*k = Killer{Seeds: seeds}
		return err
	case words[0] == "test" && len(words) == 3:
		*k = Killer{Package: words[1], Run: words[2]}
		return nil
	}
	return fmt.Errorf("%q is no killer", text)
}

// parsePairs reads pairs of faults. Where a pair names no killer, that of its first fault must kill it.
func parsePairs(faults []*Fault, text string) ([]Mutant, error) {
	named := map[string]*Fault{}
	for _, fault := range faults {
		named[fault.Name] = fault
	}
	var pairs []Mutant
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		fault := named[rest]
		var err error
		switch {
		case word == "pair" && fault != nil:
			pairs = append(pairs, Mutant{Faults: []*Fault{fault}, Killer: fault.Killer})
		case len(pairs) == 0:
			err = errors.New("no pair begins before it")
		case word == "with" && fault != nil:
			last := &pairs[len(pairs)-1]
			last.Faults = append(last.Faults, fault)
		case word == "killer":
			err = pairs[len(pairs)-1].Killer.parse(rest)
		case word == "why":
			pairs[len(pairs)-1].Why = rest
		default:
			err = fmt.Errorf("%q: no such fault, or neither pair, with, killer nor why", line)
		}
		if err != nil {
			return nil, fmt.Errorf("pairs.txt, line %d: %w", number, err)
		}
	}
	return pairs, nil
}
