// Package process runs the programs that are measured: it starts, kills and restarts them, and reads
// what processor time and memory they use.
//
// It signals only processes that it started, by their id, and none outlives this one.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
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
	Name  string
	begin func() (run, error)
	talk  string // the file that it writes stdout and stderr to, of all its starts; "": none

	mu    sync.Mutex
	run   run           // the present one, or the last; nil: it was never started
	spent time.Duration // processor time of the runs before
}

// run is one start of a program.
type run interface {
	ended() <-chan struct{} // closed when it has
	signal(syscall.Signal)
	processor() (time.Duration, error)
	memory() (int64, error)
}

// New names a program and starts nothing. What it says goes to a file in dir.
func New(name, dir, path string, args ...string) *Process {
	talk := filepath.Join(dir, name+".talk")
	return &Process{Name: name, talk: talk, begin: func() (run, error) { return startChild(talk, path, args) }}
}

// Inside names a program that runs within this process, until its context ends, and starts nothing. It cannot
// be killed, only stopped, and what it uses is this process's.
func Inside(name string, program func(context.Context) error) *Process {
	return &Process{Name: name, begin: func() (run, error) { return startTask(program), nil }}
}

// Start starts the program, which must not be running.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	started, err := p.begin()
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if p.run != nil {
		spent, err := p.run.processor()
		if err != nil {
			return err
		}
		p.spent += spent
	}
	p.run = started
	return nil
}

// IsRunning reports whether it was started and has not ended.
func (p *Process) IsRunning() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isRunning()
}

func (p *Process) isRunning() bool {
	if p.run == nil {
		return false
	}
	select {
	case <-p.run.ended():
		return false
	default:
		return true
	}
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
	p.run.signal(signal)
	select {
	case <-p.run.ended():
	case <-time.After(stopWithin):
		p.run.signal(syscall.SIGKILL)
		<-p.run.ended()
	}
}

// Processor is the processor time of all runs so far.
func (p *Process) Processor() (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		return 0, nil
	}
	now, err := p.run.processor()
	return p.spent + now, err
}

// Memory is how many bytes of memory the process has resident.
func (p *Process) Memory() (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isRunning() {
		return 0, fmt.Errorf("%s does not run", p.Name)
	}
	return p.run.memory()
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

// Err is why a program that should run does not; nil where it does.
func (p *Process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isRunning() {
		return nil
	}
	if inside, ok := p.run.(*task); ok {
		return fmt.Errorf("%s ended: %w", p.Name, inside.err)
	}
	return errors.New(p.Name + " ended:\n" + p.Talk())
}
