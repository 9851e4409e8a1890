package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Ports are the local addresses at which the present run can be reached unasked, by TCP or UDP, as the kernel
// writes them: hexadecimal. A test that asks where the kernel does not tell is skipped.
func (p *Process) Ports() []string {
	p.t.Helper()
	dir := fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	if os.IsNotExist(err) {
		p.t.Skip("skipped: needs /proc, which tells what ports a process has")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	isOwn := make(map[string]bool) // by the socket's number
	for _, file := range files {
		target, err := os.Readlink(filepath.Join(dir, "fd", file.Name()))
		if number, isSocket := strings.CutPrefix(target, "socket:["); err == nil && isSocket {
			isOwn[strings.TrimSuffix(number, "]")] = true
		}
	}
	var ports []string
	for table, state := range map[string]string{
		"tcp": "0A", "tcp6": "0A", // LISTEN
		"udp": "07", "udp6": "07", // bound, and connected to nobody
	} {
		text, err := os.ReadFile(filepath.Join(dir, "net", table))
		if err != nil && !os.IsNotExist(err) { // one may be without IPv6
			p.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			const local, status, number = 1, 3, 9
			if fields := strings.Fields(line); len(fields) > number && fields[status] == state && isOwn[fields[number]] {
				ports = append(ports, table+" "+fields[local])
			}
		}
	}
	return ports
}
