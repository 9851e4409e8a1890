package process

import "syscall"

// attributes have the kernel kill a child whose test was itself killed and could not clean up.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
