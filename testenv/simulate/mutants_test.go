package simulate

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mutant is the core with one rule broken.
type mutant struct {
	name    string
	seeds   int
	isQuick bool
	changes []change
}

// change is some lines of a file replaced by others.
type change struct {
	file          string
	before, after []string
}

const corePath = "../../paxos"

func TestEveryMutantIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a command for each mutant")
	}
	for _, m := range readMutants(t) {
		if !m.isQuick && os.Getenv("SYNOD_LONG") == "" {
			continue
		}
		t.Run(strings.ReplaceAll(m.name, " ", "-"), func(t *testing.T) {
			out, err := exec.Command(m.build(t, "simulate"), "-q", "-seeds", strconv.Itoa(m.seeds)).CombinedOutput()
			if err == nil {
				t.Fatalf("%d seeds did not catch it", m.seeds)
			}
			if _, isCaught := strings.CutPrefix(string(out), "seed "); !isCaught {
				t.Fatalf("the simulator did not run: %v\n%s", err, out)
			}
			t.Logf("caught by %.200s", out)
		})
	}
}

func TestEveryMutantStillApplies(t *testing.T) {
	mutants := readMutants(t)
	if len(mutants) < 25 {
		t.Errorf("there are %d mutants, want 25 at least", len(mutants))
	}
	for _, m := range mutants {
		m.apply(t)
	}
}

// build returns the path of a command of testenv with the mutant as its core.
func (m mutant) build(t *testing.T, name string) string {
	dir := t.TempDir()
	replace := map[string]string{}
	for file, text := range m.apply(t) {
		mutated := filepath.Join(dir, file)
		original, err := filepath.Abs(filepath.Join(corePath, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(mutated, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[original] = mutated
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(dir, name)
	build := exec.Command("go", "build", "-overlay", list, "-o", command, "../cmd/"+name)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return command
}

// apply returns the files with their lines replaced.
func (m mutant) apply(t *testing.T) map[string]string {
	texts := map[string]string{}
	for _, c := range m.changes {
		if texts[c.file] == "" {
			text, err := os.ReadFile(filepath.Join(corePath, c.file))
			if err != nil {
				t.Fatal(err)
			}
			texts[c.file] = string(text)
		}
		before, after := strings.Join(c.before, "\n"), strings.Join(c.after, "\n")
		if n := strings.Count(texts[c.file], before); n != 1 {
			t.Fatalf("mutant %q no longer applies: its lines stand %d times in %s", m.name, n, c.file)
		}
		texts[c.file] = strings.Replace(texts[c.file], before, after, 1)
	}
	return texts
}

func readMutants(t *testing.T) []mutant {
	text, err := os.ReadFile("testdata/mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	var mutants []mutant
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if name, isNew := strings.CutPrefix(line, "mutant "); isNew {
			mutants = append(mutants, mutant{name: name})
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if err := mutants[len(mutants)-1].parse(line); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	return mutants
}

// parse reads one line of a mutant.
func (m *mutant) parse(line string) error {
	if file, isFile := strings.CutPrefix(line, "file "); isFile {
		m.changes = append(m.changes, change{file: file})
		return nil
	}
	if words := strings.Fields(line); words[0] == "seeds" && len(words) > 1 {
		m.isQuick = len(words) > 2 && words[2] == "quick"
		var err error
		m.seeds, err = strconv.Atoi(words[1])
		return err
	}
	if len(m.changes) == 0 {
		return errors.New("neither seeds nor file")
	}
	c := &m.changes[len(m.changes)-1]
	switch line[0] {
	case '-':
		c.before = append(c.before, line[1:])
	case '+':
		c.after = append(c.after, line[1:])
	default:
		return errors.New("neither seeds, file, - nor +")
	}
	return nil
}
