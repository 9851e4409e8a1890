// Package process runs the processes that are measured: it starts, kills and restarts them, and reads
// what processor time and memory they use.
//
// It signals only processes that it started, by their id, and none outlives this one.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopWithin is how long a process may take to end when it is asked to, before it is killed.
const stopWithin = 10 * time.Second

// Process is a program that may be started several times. Its methods may be called from any goroutine.
type Process struct {
	Name string
	path string
	args []string
	talk string // the file that it writes stdout and stderr to, of all its starts

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{} // closed when the present run has ended
	spent time.Duration // processor time of the runs before
}

// New names a program and starts nothing. What it says goes to a file in dir.
func New(name, dir, path string, args ...string) *Process {
	return &Process{Name: name, path: path, args: args, talk: filepath.Join(dir, name+".talk")}
}

// Start starts the program, which must not be running.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	talk, err := os.OpenFile(p.talk, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer talk.Close()
	cmd := exec.Command(p.path, p.args...)
	cmd.Env = cleanEnvironment()
	cmd.SysProcAttr = attributes()
	cmd.Stdout, cmd.Stderr = talk, talk
	started := make(chan error)
	ended := make(chan struct{})
	go supervise(cmd, started, ended)
	if err := <-started; err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if p.cmd != nil {
		p.spent += p.cmd.ProcessState.SystemTime() + p.cmd.ProcessState.UserTime()
	}
	p.cmd, p.ended = cmd, ended
	return nil
}

// ID is the process's id, or 0 where it does not run.
func (p *Process) ID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isRunning() {
		return 0
	}
	return p.cmd.Process.Pid
}

// Kill ends the program as kill -9 does, if it runs.
func (p *Process) Kill() { p.end(syscall.SIGKILL) }

// Stop asks the program to end, and kills it where it does not in time.
func (p *Process) Stop() { p.end(syscall.SIGTERM) }

func (p *Process) end(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isRunning() {
		return
	}
	_ = p.cmd.Process.Signal(signal) // it fails only where the process has just ended
	select {
	case <-p.ended:
	case <-time.After(stopWithin):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

func (p *Process) isRunning() bool {
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

// Processor is the processor time of all runs so far.
func (p *Process) Processor() (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.cmd == nil:
		return 0, nil
	case !p.isRunning():
		return p.spent + p.cmd.ProcessState.SystemTime() + p.cmd.ProcessState.UserTime(), nil
	}
	now, err := processor(p.cmd.Process.Pid)
	return p.spent + now, err
}

// Memory is how many bytes of memory the process has resident.
func (p *Process) Memory() (int64, error) {
	id := p.ID()
	if id == 0 {
		return 0, fmt.Errorf("%s does not run", p.Name)
	}
	return memory(id)
}

// Talk is the end of what the process has said.
func (p *Process) Talk() string {
	text, err := os.ReadFile(p.talk)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// Err is why a process that should run does not; nil where it does.
func (p *Process) Err() error {
	if p.ID() != 0 {
		return nil
	}
	return errors.New(p.Name + " ended:\n" + p.Talk())
}

// cleanEnvironment is the environment without what would set a program's settings.
func cleanEnvironment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "SYNOD_") && !strings.HasPrefix(entry, "NATS_") &&
			!strings.HasPrefix(entry, "ETCD_") {
			kept = append(kept, entry)
		}
	}
	return kept
}
