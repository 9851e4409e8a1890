// Package house keeps the rules of this codebase that the compiler does not know: who may import whom,
// and what the protocol must not touch.
package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/synod-log/synod/"

// mayImport says which packages of this module each package may import, outside of its tests.
var mayImport = map[string][]string{
	"paxos":  {},
	"codec":  {"paxos"},
	"config": {"paxos"},
	"store":  {"paxos", "codec"},
	"link":   {"paxos", "codec"},
	"client": {"paxos", "codec", "link"},
	"worker": {"paxos", "codec", "config", "store", "link", "client"},
	"cmd":    {"paxos", "codec", "config", "store", "link", "client", "worker"},

	"examples": {"client"}, // what a program that uses Synod can import
}

// purePackages are all that the protocol may import: none of them can wait, keep time, draw a random
// number, or reach outside of the process.
var purePackages = []string{
	"bytes", "cmp", "crypto/sha256", "encoding/binary", "encoding/hex", "errors", "fmt", "iter", "maps",
	"math", "math/bits", "slices", "sort", "strconv", "strings", "unsafe",
}

// Violations returns what one file breaks the rules with. Name is its path in the module.
func Violations(name string, file *ast.File) []string {
	r := reader{name: name, dir: path.Dir(name), isTest: strings.HasSuffix(name, "_test.go")}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			r.violation("imports %s", spec.Path.Value)
			continue
		}
		r.readImport(imported)
	}
	if r.dir == "paxos" && !r.isTest {
		ast.Inspect(file, r.readPure)
	}
	return r.violations
}

// reader reads one file.
type reader struct {
	name, dir  string
	isTest     bool
	violations []string
}

func (r *reader) violation(format string, args ...any) {
	r.violations = append(r.violations, r.name+": "+fmt.Sprintf(format, args...))
}

func (r *reader) readImport(imported string) {
	if strings.HasPrefix(imported, "github.com/nats-io/nats-server/") && r.dir != "testenv/broker" {
		r.violation("imports nats-server; only testenv/broker may")
	}
	if r.isTest || strings.HasPrefix(r.dir, "testenv/") {
		return
	}
	ours, isOurs := strings.CutPrefix(imported, module)
	switch {
	case !isOurs:
		if r.dir == "paxos" && !slices.Contains(purePackages, imported) {
			r.violation("imports %s; the protocol is pure", imported)
		}
	case ours == "testenv/broker" && r.name == "cmd/synod/dev.go":
		// dev is a whole log in one process, with its broker
	case strings.HasPrefix(ours, "testenv/"):
		r.violation("imports %s; only tests, testenv and dev may", ours)
	default:
		r.readOurs(ours)
	}
}

func (r *reader) readOurs(imported string) {
	own, _, _ := strings.Cut(r.dir, "/")
	allowed, isKnown := mayImport[own]
	if !isKnown {
		r.violation("package %s has no rule that says what it may import", r.dir)
	} else if !slices.Contains(allowed, imported) {
		r.violation("imports %s; %s may import %s", imported, own, strings.Join(allowed, ", "))
	}
}

// readPure looks for what needs a scheduler: goroutines and channels.
func (r *reader) readPure(node ast.Node) bool {
	switch node.(type) {
	case *ast.GoStmt:
		r.violation("starts a goroutine; the protocol is pure")
	case *ast.ChanType, *ast.SelectStmt, *ast.SendStmt:
		r.violation("uses a channel; the protocol is pure")
	}
	return true
}
