package process

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Result is what a program that ran to its end wrote, and how it ended.
type Result struct {
	Out  string
	Talk string // stderr
	Code int
}

// Run runs a program to its end, with input as its stdin.
func Run(t testing.TB, within time.Duration, input, binary string, args ...string) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var out, talk bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = cleanEnvironment()
	cmd.SysProcAttr = attributes()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &talk
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%v did not end within %v; it said\n%s", cmd.Args, within, tail(talk.String(), 25))
	}
	if cmd.ProcessState == nil {
		t.Fatal(err) // it did not start
	}
	return Result{Out: out.String(), Talk: talk.String(), Code: cmd.ProcessState.ExitCode()}
}

// cleanEnvironment is the environment without what would set a program's settings.
func cleanEnvironment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "SYNOD_") && !strings.HasPrefix(entry, "NATS_") {
			kept = append(kept, entry)
		}
	}
	return kept
}
