package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/process"
)

// sweeps are what is done to the n-th call of each kind. Where the acceptor must say why it ended, words are
// in what it says.
var sweeps = []struct {
	name, what, words string
	first             []string // the calls to begin with; all of storeCalls where there is time
}{
	{"an error of the device", "error=EIO", "input/output error", []string{"fdatasync"}},
	{"no space", "error=ENOSPC", "no space left on device", []string{"pwrite64"}},
	{"a kill", "signal=KILL", "", []string{"pwrite64", "fdatasync"}},
}

// TestAFaultAtAnyCallToTheDiskLosesNothingAcknowledged runs an acceptor through its founding, some values and
// three segments, and has the n-th of its calls to the disk fail, or kill it: for every n where there is time.
func TestAFaultAtAnyCallToTheDiskLosesNothingAcknowledged(t *testing.T) {
	requireStrace(t)
	started, err := broker.Start(broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Shutdown)
	process.Build(t, "testenv/cmd/acceptor")
	process.Build(t, "cmd/synod")
	for _, s := range sweeps {
		calls := storeCalls
		if !isLong() {
			calls = s.first
		}
		for _, call := range calls {
			t.Run(call+", "+s.name, func(t *testing.T) {
				t.Parallel()
				sweep(t, started.URL(), call, s.what, s.words)
			})
		}
	}
}

// sweep tries n after n, until a run ends before its n-th call.
func sweep(t *testing.T, url, call, what, words string) {
	outcomes := map[string]int{}
	swept := 0
	for n := 1; ; n = times(4*n+3, n+1) {
		name := strings.NewReplacer("=", "-", "error", "", "signal", "").Replace(fmt.Sprintf("%s%s-%d", call, what, n))
		l := newLone(t, url, name)
		fault := injection{call: call, what: what, when: n, trace: filepath.Join(l.files, "trace")}
		if call == "openat" { // the program opens more than its store
			fault.paths = []string{l.data}
		}
		outcome := l.suffer(fault, words)
		l.end()
		if outcome == "" || t.Failed() {
			break
		}
		swept++
		outcomes[outcome]++
	}
	t.Logf("%d calls swept: %v", swept, outcomes)
	if swept == 0 {
		t.Error("no call was ever made")
	}
}

// suffer runs the script under a fault, and the acceptor again without it. It returns what came of the
// fault, and nothing where the script ended before it.
func (l *lone) suffer(fault injection, words string) (outcome string) {
	l.t.Helper()
	l.start(fault.before()...)
	if l.propose("v", 20, 2000) {
		l.acceptor.Stop()
	}
	code := l.acceptor.AwaitExit(patience)
	if !fault.hasHappened(l.t) {
		if code != 0 {
			l.t.Errorf("without a fault it ended with %d: %s", code, l.acceptor.Talk())
		}
		return ""
	}
	outcome = "killed"
	if words != "" {
		outcome = "said why"
		l.requireSaid(fault, code, words)
	} else if code != -1 {
		l.t.Errorf("%+v: ended with %d, want killed", fault, code)
	}
	outcome += ", store " + l.verdict()
	l.start()
	l.requireKept()
	return outcome
}

// requireSaid checks that the acceptor ended by itself and said what was refused, of what, and what to do.
func (l *lone) requireSaid(fault injection, code int, words string) {
	l.t.Helper()
	if code != 1 {
		l.t.Errorf("%+v: ended with %d, want 1", fault, code)
	}
	file := "00000"
	if fault.call == "fsync" || fault.call == "openat" {
		file = "" // of a directory, perhaps
	}
	for _, text := range []string{words, file, "acceptor a1 of log " + l.log, l.data, "the space left", "start again"} {
		if !strings.Contains(l.acceptor.Talk(), text) {
			l.t.Errorf("%+v: it said\n%s\nwant %q", fault, l.acceptor.Talk(), text)
		}
	}
}

// verdict is what `synod store check` says of the store as the fault left it.
func (l *lone) verdict() string {
	l.t.Helper()
	check := process.Run(l.t, patience, "", process.Build(l.t, "cmd/synod"), "store", "check", l.data)
	switch {
	case check.Code == 0:
		return "sound"
	case check.Code == 1:
		return "torn"
	case check.Code == 3 && l.history.Acknowledged() == 0:
		return "not made"
	}
	l.t.Errorf("log %s: store check ended with %d: %s%s", l.log, check.Code, check.Out, check.Talk)
	return "wrong"
}
