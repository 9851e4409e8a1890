package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryFileKeepsTheRules(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	read := make(map[string]int) // files, by the first part of their path
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != root && isOther(name) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		first, _, _ := strings.Cut(relative, "/")
		read[first]++
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, violation := range Violations(relative, file) {
			t.Error(violation)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range mayImport {
		if read[dir] == 0 {
			t.Errorf("the rules tell of %s, and no file of it was read", dir)
		}
	}
}

// isOther reports whether a directory is no part of this module.
func isOther(dir string) bool {
	base := filepath.Base(dir)
	if strings.HasPrefix(base, ".") || base == "testdata" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func TestEachRuleFindsWhatBreaksIt(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"paxos/x.go", `import "os"`, "imports os; the protocol is pure"},
		{"paxos/x.go", `import "time"`, "imports time; the protocol is pure"},
		{"paxos/x.go", `import "math/rand/v2"`, "imports math/rand/v2; the protocol is pure"},
		{"paxos/x.go", `import "github.com/nats-io/nats.go"`, "the protocol is pure"},
		{"paxos/x.go", `import "github.com/synod-log/synod/codec"`, "imports codec"},
		{"paxos/x.go", `func f() { go f() }`, "starts a goroutine"},
		{"paxos/x.go", `var c chan int`, "uses a channel"},
		{"paxos/x.go", `func f() { select {} }`, "uses a channel"},
		{"codec/x.go", `import "github.com/synod-log/synod/store"`, "imports store"},
		{"config/x.go", `import "github.com/synod-log/synod/codec"`, "imports codec"},
		{"link/x.go", `import "github.com/synod-log/synod/worker"`, "imports worker"},
		{"client/x.go", `import "github.com/synod-log/synod/store"`, "imports store"},
		{"worker/x.go", `import "github.com/synod-log/synod/testenv/broker"`, "only tests, testenv and dev"},
		{"cmd/synod/log.go", `import "github.com/synod-log/synod/testenv/broker"`, "only tests, testenv and dev"},
		{"cmd/synod/dev.go", `import "github.com/synod-log/synod/testenv/process"`, "only tests, testenv and dev"},
		{"worker/x_test.go", `import "github.com/nats-io/nats-server/v2/server"`, "only testenv/broker may"},
		{"testenv/e2e/x.go", `import "github.com/nats-io/nats-server/v2/server"`, "only testenv/broker may"},
		{"extra/x.go", `import "github.com/synod-log/synod/paxos"`, "has no rule"},
	} {
		got := strings.Join(violations(t, test.name, test.source), "\n")
		if !strings.Contains(got, test.want) {
			t.Errorf("%s with %s: found %q, want %q", test.name, test.source, got, test.want)
		}
	}
}

func TestWhatIsAllowedPasses(t *testing.T) {
	for _, test := range []struct{ name, source string }{
		{"paxos/x.go", `import "crypto/sha256"`},
		{"paxos/x_test.go", `import "math/rand/v2"; func f() { go f() }`},
		{"worker/x.go", `import ("time"; "github.com/synod-log/synod/client")`},
		{"worker/x_test.go", `import "github.com/synod-log/synod/testenv/broker"`},
		{"cmd/synod/dev.go", `import "github.com/synod-log/synod/testenv/broker"`},
		{"testenv/broker/x.go", `import "github.com/nats-io/nats-server/v2/server"`},
	} {
		if got := violations(t, test.name, test.source); len(got) > 0 {
			t.Errorf("%s with %s: %q", test.name, test.source, got)
		}
	}
}

func violations(t *testing.T, name, source string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, "package x; "+source, 0)
	if err != nil {
		t.Fatal(err)
	}
	return Violations(name, file)
}
