package process

import (
	"context"
	"errors"
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
	await(t, "it does not end", func() bool { return !p.IsRunning() })
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
	if p.IsRunning() || !strings.Contains(p.Talk(), "bye") {
		t.Errorf("it runs (%v), and said %q", p.IsRunning(), p.Talk())
	}
}

func TestAProgramInsideIsStoppedAndStartedAgain(t *testing.T) {
	began := make(chan struct{}, 2)
	p := Inside("loop", func(ctx context.Context) error {
		began <- struct{}{}
		<-ctx.Done()
		return nil
	})
	for range 2 {
		if p.IsRunning() {
			t.Error("it runs before it is started")
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		<-began
		if !p.IsRunning() || p.Err() != nil {
			t.Errorf("it does not run: %v", p.Err())
		}
		p.Kill()
	}
	if p.IsRunning() || !errors.Is(p.Err(), errStopped) {
		t.Errorf("stopped, it says %v", p.Err())
	}
}

func TestAProgramInsideThatFailsSaysWhy(t *testing.T) {
	why := errors.New("port in use")
	p := Inside("loop", func(context.Context) error { return why })
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "it does not end", func() bool { return !p.IsRunning() })
	if err := p.Err(); !errors.Is(err, why) {
		t.Errorf("got %v", err)
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
