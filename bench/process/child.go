package process

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// child is a run as a process of its own.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// startChild starts a program, which adds what it says to a file.
func startChild(talk, path string, args []string) (*child, error) {
	said, err := os.OpenFile(talk, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer said.Close()
	cmd := exec.Command(path, args...)
	cmd.Env = cleanEnvironment()
	cmd.SysProcAttr = attributes()
	cmd.Stdout, cmd.Stderr = said, said
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go c.supervise(started)
	return c, <-started
}

// supervise starts the process, says on started whether that worked, and waits for its end. The kernel kills
// a child with the thread that started it, not with the process: so this goroutine keeps its thread until
// the child has ended.
func (c *child) supervise(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = c.cmd.Wait() // how it ended stands in ProcessState
	close(c.done)
}

func (c *child) ended() <-chan struct{} { return c.done }

func (c *child) signal(signal syscall.Signal) {
	_ = c.cmd.Process.Signal(signal) // it fails only where the process has just ended
}

func (c *child) processor() (time.Duration, error) {
	select {
	case <-c.done:
		return c.cmd.ProcessState.SystemTime() + c.cmd.ProcessState.UserTime(), nil
	default:
		return processor(c.cmd.Process.Pid)
	}
}

func (c *child) memory() (int64, error) { return memory(c.cmd.Process.Pid) }

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
