package process

import (
	"os/exec"
	"runtime"
)

// supervise starts cmd, says on started whether that worked, and waits for its end. The kernel kills a
// child with the thread that started it, not with the process: so this goroutine keeps its thread
// until the child has ended.
func supervise(cmd *exec.Cmd, started chan<- error, ended chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = cmd.Wait() // how it ended stands in ProcessState
	close(ended)
}
