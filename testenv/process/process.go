// Package process runs real processes for end-to-end tests: it builds the programs once, starts them,
// kills, pauses and restarts them, and waits for what they say.
//
// It signals only processes that it started, by their id. Each ends with its test, also one that
// failed, and what it last said is then shown. Every start has files of its own for what the process
// writes.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Process is a program that a test runs, possibly several times. It belongs to one goroutine.
type Process struct {
	t      testing.TB
	name   string
	dir    string // for the files it writes to
	binary string
	args   []string

	starts int
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the present run has ended
}

// Start starts a program under a name, which its files in dir begin with.
func Start(t testing.TB, dir, name, binary string, args ...string) *Process {
	t.Helper()
	p := &Process{t: t, name: name, dir: dir, binary: binary, args: args}
	t.Cleanup(p.cleanUp)
	p.Restart()
	return p
}

// Restart starts the program again, with these arguments in place of those it had if any are given.
// It kills it first where it runs.
func (p *Process) Restart(args ...string) {
	p.t.Helper()
	p.Kill()
	if len(args) > 0 {
		p.args = args
	}
	p.starts++
	p.cmd = exec.Command(p.binary, p.args...)
	p.cmd.Env = cleanEnvironment()
	p.cmd.SysProcAttr = attributes()
	out, err := os.Create(p.Stdout())
	if err != nil {
		p.t.Fatal(err)
	}
	defer out.Close()
	talk, err := os.Create(p.Stderr())
	if err != nil {
		p.t.Fatal(err)
	}
	defer talk.Close()
	p.cmd.Stdout, p.cmd.Stderr = out, talk
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd, ended := p.cmd, make(chan struct{})
	p.ended = ended
	go func() {
		_ = cmd.Wait() // how it ended stands in ProcessState
		close(ended)
	}()
}

// Stdout is the file that the present run writes its stdout to.
func (p *Process) Stdout() string { return p.file("out") }

// Stderr is the file that the present run writes its stderr to.
func (p *Process) Stderr() string { return p.file("err") }

func (p *Process) file(stream string) string {
	return filepath.Join(p.dir, fmt.Sprintf("%s.%d.%s", p.name, p.starts, stream))
}

// Kill ends the program as kill -9 does, if it runs.
func (p *Process) Kill() {
	if p.IsRunning() {
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
}

// Stop asks the program to end, and returns its exit code.
func (p *Process) Stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.AwaitExit(30 * time.Second)
}

// Pause stops the program as SIGSTOP does. Resume lets it go on.
func (p *Process) Pause() { p.signal(syscall.SIGSTOP) }

// Resume lets a paused program go on.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

// IsRunning reports whether the program runs, paused or not.
func (p *Process) IsRunning() bool {
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *Process) signal(signal os.Signal) {
	p.t.Helper()
	err := p.cmd.Process.Signal(signal)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// AwaitExit waits until the program has ended by itself, and returns its exit code.
func (p *Process) AwaitExit(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		p.t.Fatalf("%s did not end within %v", p.name, within)
		return 0
	}
}

// AwaitTalk waits until the present run has said something on stderr that has text in it.
func (p *Process) AwaitTalk(text string, within time.Duration) {
	p.t.Helper()
	deadline := time.Now().Add(within)
	for !strings.Contains(p.Talk(), text) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s did not say %q within %v", p.name, text, within)
		}
		if !p.IsRunning() && !strings.Contains(p.Talk(), text) {
			p.t.Fatalf("%s ended and did not say %q", p.name, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Talk is what the present run has written on stderr so far.
func (p *Process) Talk() string {
	p.t.Helper()
	text, err := os.ReadFile(p.Stderr())
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// cleanUp kills what runs, and shows the end of what each run said where the test failed.
func (p *Process) cleanUp() {
	p.Kill()
	if !p.t.Failed() {
		return
	}
	for p.starts = max(1, p.starts-2); ; p.starts++ {
		text, err := os.ReadFile(p.Stderr())
		if err != nil {
			return
		}
		p.t.Logf("%s, start %d:\n%s", p.name, p.starts, tail(string(text), 25))
	}
}

// tail is the last lines of text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
