package process

import (
	"fmt"
	"os"
	"strings"
)

// Memory is how many bytes of memory the present run has resident. A test that asks where the kernel
// does not tell is skipped.
func (p *Process) Memory() int64 {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if os.IsNotExist(err) {
		p.t.Skip("skipped: no /proc tells what memory a process has")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(text), "VmRSS:")
	var kilobytes int64
	if _, err := fmt.Sscan(line, &kilobytes); err != nil {
		p.t.Fatalf("%s: no resident memory: %v", p.name, err)
	}
	return kilobytes << 10
}
