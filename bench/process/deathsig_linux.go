package process

import "syscall"

// attributes have the kernel kill a child whose parent was itself killed, and keep it out of the
// terminal's ctrl-C, so that the parent ends it in its own time.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
