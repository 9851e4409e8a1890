package process

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// ticksPerSecond is the unit of /proc's processor times on every architecture that Go runs on.
const ticksPerSecond = 100

// Self is the processor time that this process has used: what its clients cost.
func Self() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// processor is the processor time that a running process has used so far.
func processor(id int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		return 0, err
	}
	end := strings.LastIndex(string(text), ") ") // the name before it may have spaces
	fields := strings.Fields(string(text[end+1:]))
	if end < 0 || len(fields) < 13 {
		return 0, fmt.Errorf("/proc tells of process %d: %q", id, text)
	}
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0, fmt.Errorf("/proc tells of process %d: %q: %w", id, text, err)
	}
	return time.Duration(user+system) * time.Second / ticksPerSecond, nil
}

// memory is how many bytes a running process has resident.
func memory(id int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	if err != nil {
		return 0, err
	}
	_, line, _ := strings.Cut(string(text), "VmRSS:")
	var kilobytes int64
	if _, err := fmt.Sscan(line, &kilobytes); err != nil {
		return 0, fmt.Errorf("process %d: no resident memory: %w", id, err)
	}
	return kilobytes << 10, nil
}
