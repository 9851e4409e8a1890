package house

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// direct is a line of go.mod that requires a module which this one imports.
var direct = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)

func TestEachDirectDependencyHasItsReason(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "## Dependencies")
	if !found {
		t.Fatal("ARCHITECTURE.md has no table of dependencies")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	required := direct.FindAllStringSubmatch(string(mod), -1)
	if len(required) < 10 {
		t.Fatalf("found %d direct dependencies in go.mod, want 10 at least", len(required))
	}
	for _, one := range required {
		name := one[1]
		if major := regexp.MustCompile(`/v\d+$`).FindString(name); major != "" {
			name = path.Base(strings.TrimSuffix(name, major)) + major
		} else {
			name = path.Base(name)
		}
		if !strings.Contains(table, name) {
			t.Errorf("ARCHITECTURE.md gives no reason for %s", one[1])
		}
	}
}
