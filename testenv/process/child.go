package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Child is one run of a program, for what is no test and answers for its errors itself. Its methods may
// be called from any goroutine.
type Child struct {
	name  string
	base  string // its files without what follows the last dot
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
}

// Command is a program to run without what in the environment would set its settings. It is killed when
// ctx ends.
func Command(ctx context.Context, binary string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env, cmd.SysProcAttr = cleanEnvironment(), attributes()
	return cmd
}

// StartChild starts a program. What it writes goes to the files name.out and name.err in dir.
func StartChild(dir, name, binary string, args ...string) (*Child, error) {
	c := &Child{
		name: name, base: filepath.Join(dir, name),
		cmd:   Command(context.Background(), binary, args...),
		ended: make(chan struct{}),
	}
	out, err := os.Create(c.Stdout())
	if err != nil {
		return nil, err
	}
	defer out.Close()
	talk, err := os.Create(c.Stderr())
	if err != nil {
		return nil, err
	}
	defer talk.Close()
	c.cmd.Stdout, c.cmd.Stderr = out, talk
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = c.cmd.Wait() // how it ended stands in ProcessState
		close(c.ended)
	}()
	return c, nil
}

// Name is what it was started under.
func (c *Child) Name() string { return c.name }

// Stdout is the file that it writes its stdout to.
func (c *Child) Stdout() string { return c.base + ".out" }

// Stderr is the file that it writes its stderr to.
func (c *Child) Stderr() string { return c.base + ".err" }

// Ended is closed when it has ended.
func (c *Child) Ended() <-chan struct{} { return c.ended }

// IsRunning reports whether it runs, paused or not.
func (c *Child) IsRunning() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// Signal sends it a signal. One that has ended gets none, which is no error.
func (c *Child) Signal(signal syscall.Signal) error {
	if err := c.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return nil
}

// Kill ends it as kill -9 does, and returns when it has ended.
func (c *Child) Kill() {
	if c.IsRunning() {
		_ = c.cmd.Process.Kill() // fails only where it has ended
		<-c.ended
	}
}

// AwaitExit waits until it has ended, and returns its exit code.
func (c *Child) AwaitExit(within time.Duration) (int, error) {
	select {
	case <-c.ended:
		return c.cmd.ProcessState.ExitCode(), nil
	case <-time.After(within):
		return 0, fmt.Errorf("%s did not end within %v", c.name, within)
	}
}

// AwaitTalk waits until it has said something on stderr that has text in it.
func (c *Child) AwaitTalk(text string, within time.Duration) error {
	for deadline := time.Now().Add(within); ; time.Sleep(20 * time.Millisecond) {
		isRunning := c.IsRunning() // asked first, so that all it ever said is looked at
		switch {
		case strings.Contains(c.Talk(), text):
			return nil
		case !isRunning:
			return fmt.Errorf("%s ended and did not say %q; it said\n%s", c.name, text, c.Tail())
		case time.Now().After(deadline):
			return fmt.Errorf("%s did not say %q within %v", c.name, text, within)
		}
	}
}

// Talk is what it has written on stderr so far.
func (c *Child) Talk() string {
	text, err := os.ReadFile(c.Stderr())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Tail is the last lines of its talk.
func (c *Child) Tail() string { return tail(c.Talk(), 25) }

// PeakMemory is the most bytes of memory that it had resident; 0 where the kernel does not tell.
func (c *Child) PeakMemory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, line, _ := strings.Cut(string(text), "VmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscan(line, &kilobytes); err != nil {
		return 0 // it is ending
	}
	return kilobytes << 10
}
