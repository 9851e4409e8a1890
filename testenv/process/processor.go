package process

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// ticksPerSecond is the unit of /proc's processor times on every architecture that Go runs on.
const ticksPerSecond = 100

// Processor is how much processor time the present run has used. A test that asks where the kernel does
// not tell is skipped.
func (p *Process) Processor() time.Duration {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if os.IsNotExist(err) {
		p.t.Skip("no /proc tells what processor time a process has used")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before it may have spaces
	fields := strings.Fields(rest)
	var user, system int64
	if len(fields) < 13 {
		p.t.Fatalf("%s: /proc tells %q", p.name, text)
	}
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		p.t.Fatalf("%s: /proc tells %q: %v", p.name, text, err)
	}
	return time.Duration(user+system) * time.Second / ticksPerSecond
}
