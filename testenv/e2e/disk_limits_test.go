package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/synod-log/synod/testenv/broker"
)

// limited is the command line of a shell that sets a limit and becomes the program that follows.
func limited(option string, limit int) []string {
	return []string{"sh", "-c", fmt.Sprintf(`ulimit %s %d && exec "$@"`, option, limit), "sh"}
}

func startLone(t *testing.T) *lone {
	t.Helper()
	started, err := broker.Start(broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Shutdown)
	return newLone(t, started.URL(), "main")
}

func TestAFileLargerThanTheLimitEndsAnAcceptorThatLosesNothing(t *testing.T) {
	l := startLone(t)
	l.start(limited("-f", 64)...) // 32 or 64 KiB, by the shell
	l.propose("small", 20, 1000)
	if l.propose("large", 1, 100_000) {
		t.Fatal("a value larger than a file may be was acknowledged")
	}
	requireRefused(t, l.acceptor, "acceptor a1 of log main", l.data, "write 0000000", "file too large",
		"start again")
	l.start()
	l.requireKept()
}

func TestTooFewFilesEndAnAcceptorOrKeepItWaitingAndNothingIsLost(t *testing.T) {
	requireLong(t)
	outcomes := map[string]int{}
	for limit := 8; limit <= 24; limit++ { // with fewer no Go program starts
		l := startLone(t)
		l.start(limited("-n", limit)...)
		outcomes[l.outcomeOfFewFiles()]++
		l.start()
		l.requireKept()
		l.end()
	}
	t.Logf("outcomes: %v", outcomes)
}

// outcomeOfFewFiles says whether the acceptor has enough of them, cannot reach NATS, or ends; and checks that
// it says why.
func (l *lone) outcomeOfFewFiles() string {
	l.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		switch talk := l.acceptor.Talk(); {
		case strings.Contains(talk, "connected to NATS"):
			if l.propose("v", 40, 1000) {
				return "enough"
			}
		case l.acceptor.IsRunning() && strings.Contains(talk, "too many open files"):
			return "waits for NATS"
		case l.acceptor.IsRunning():
			continue
		}
		requireRefused(l.t.(*testing.T), l.acceptor, "acceptor a1 of log main", l.data, "too many open files",
			"start again")
		return "ended"
	}
	l.t.Fatalf("after %v it said %s", patience, l.acceptor.Talk())
	return ""
}
