// Command synod runs the parts of a Synod log, and uses it. `synod --help` tells what there is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes, which the help of the root command tells.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitUnknown = 3
	exitAtOnce  = 130
)

// streams are where a command reads and writes: data on out, talk on err.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func main() {
	ctx := untilSignalled(context.Background(), os.Stderr)
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run runs one command line, and returns the process's exit code.
func run(ctx context.Context, args []string, std streams) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	hasBegun := false
	root.PersistentPreRun = func(*cobra.Command, []string) { hasBegun = true }
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var found exitCode
	if errors.As(err, &found) {
		return int(found)
	}
	var usage usageError
	isUsage := errors.As(err, &usage)
	text := err.Error()
	if isUsage { // it may be several, a line each
		text = strings.ReplaceAll(text, "\n", "\nsynod: ")
	}
	fmt.Fprintf(std.err, "synod: %s\n", text)
	switch {
	case !hasBegun || isUsage:
		fmt.Fprintf(std.err, "See `%s --help`.\n", command.CommandPath())
		return exitUsage
	case errors.Is(err, errUnknown):
		return exitUnknown
	}
	return exitFailed
}

// errUnknown marks an error after which it is not known whether what was asked for is done, or all of
// it.
var errUnknown = errors.New("outcome unknown")

// unknown is an error of that kind, with a text of its own.
type unknown struct{ error }

func (u unknown) Is(target error) bool { return target == errUnknown }
func (u unknown) Unwrap() error        { return u.error }

// usageError is an error in the command line or the configuration: nothing was done.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// untilSignalled returns a context that ends at the first SIGINT or SIGTERM, so that all stops in
// order. The second ends the process at once.
func untilSignalled(parent context.Context, talk io.Writer) context.Context {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		fmt.Fprintln(talk, "synod: stopped at once")
		os.Exit(exitAtOnce)
	}()
	return ctx
}
