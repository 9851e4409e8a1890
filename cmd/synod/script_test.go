package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// The scripts in testdata are command lines and what they print. Directives:
//
//	synod             its input is a command line; the answer is stdout, stderr and the exit code
//	file name=x       writes its input to a file of the working directory
//	env NAME=value    sets a variable for the rest of the script
func TestScripts(t *testing.T) {
	scripts, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	datadriven.Walk(t, scripts, func(t *testing.T, path string) {
		forgetSettings(t)
		t.Chdir(t.TempDir())
		datadriven.RunTest(t, path, runDirective)
	})
}

func runDirective(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	switch d.Cmd {
	case "file":
		var name string
		d.ScanArgs(t, "name", &name)
		if err := os.WriteFile(name, []byte(d.Input+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	case "env":
		for _, arg := range d.CmdArgs {
			os.Setenv(arg.Key, strings.Join(arg.Vals, ","))
			t.Cleanup(func() { os.Unsetenv(arg.Key) })
		}
	case "synod":
		return runLine(t, d.Input)
	default:
		d.Fatalf(t, "unknown directive %s", d.Cmd)
	}
	return ""
}

// runLine runs one command line, whose words are separated by blanks.
func runLine(t *testing.T, words string) string {
	t.Helper()
	var out, talk bytes.Buffer
	code := run(t.Context(), strings.Fields(words), streams{strings.NewReader(""), &out, &talk})
	var all strings.Builder
	all.WriteString(out.String())
	if talk.Len() > 0 {
		all.WriteString("stderr:\n" + talk.String())
	}
	fmt.Fprintf(&all, "exit %d", code)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(all.String(), dir, "$DIR")
}

// forgetSettings takes away what the machine's own environment would set, until the test ends.
func forgetSettings(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "SYNOD_") || strings.HasPrefix(name, "NATS_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
}
