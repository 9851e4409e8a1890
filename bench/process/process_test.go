package process

import (
	"os"
	"strings"
	"testing"
	"time"
)

// start starts a shell that is killed with the test.
func start(t *testing.T, script string) *Process {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped: needs /proc")
	}
	p := New("shell", t.TempDir(), "/bin/sh", "-c", script)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// await waits until it is so. It is patient: the machine may be busy.
func await(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !isSo(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

func TestProcessorTimeIsThatOfAllRuns(t *testing.T) {
	p := start(t, "while :; do :; done")
	used := func() time.Duration {
		used, err := p.Processor()
		if err != nil {
			t.Fatal(err)
		}
		return used
	}
	await(t, "a busy process uses no processor", func() bool { return used() >= 100*time.Millisecond })
	p.Kill()
	first := used()
	if first < 100*time.Millisecond {
		t.Errorf("%v after its end, want what it had used before", first)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "a second run is not added", func() bool { return used() >= first+50*time.Millisecond })
}

func TestAProcessThatEndedSaysWhatItSaid(t *testing.T) {
	p := start(t, "echo port in use >&2; exit 1")
	await(t, "it does not end", func() bool { return p.ID() == 0 })
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), "port in use") {
		t.Errorf("got %v", err)
	}
	if _, err := p.Memory(); err == nil {
		t.Error("a process that ended has memory")
	}
}

func TestAProcessIsAskedToEnd(t *testing.T) {
	p := start(t, "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done")
	await(t, "it does not start", func() bool { return strings.Contains(p.Talk(), "ready") })
	if held, err := p.Memory(); err != nil || held == 0 {
		t.Errorf("it has %d bytes of memory (%v)", held, err)
	}
	p.Stop()
	if p.ID() != 0 || !strings.Contains(p.Talk(), "bye") {
		t.Errorf("it runs as %d, and said %q", p.ID(), p.Talk())
	}
}

func TestPortsDiffer(t *testing.T) {
	ports, err := FreePorts(9)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[int]bool)
	for _, port := range ports {
		if seen[port] {
			t.Errorf("port %d twice", port)
		}
		seen[port] = true
	}
}
