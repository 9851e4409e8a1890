package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// requireStrace skips a test where system calls cannot be made to fail.
func requireStrace(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("skipped: needs strace")
	}
	said, err := exec.Command("strace", "-D", "-o", os.DevNull, "-e", "inject=fdatasync:error=EIO", "true").
		CombinedOutput()
	if err != nil {
		t.Skipf("skipped: strace may not trace here: %s", bytes.TrimSpace(said))
	}
}

// injection is what befalls the n-th call of one kind that a process's first thread makes, and a record of
// that thread's calls.
type injection struct {
	call  string   // name of the system call
	what  string   // as strace has it: "error=EIO", "signal=KILL"
	when  int      // from 1
	paths []string // only calls about these; none: all
	trace string   // the file of the record
}

// storeCalls are the system calls that an acceptor's loop makes to change what is on disk, and openat, which
// makes files.
var storeCalls = []string{"pwrite64", "fdatasync", "fsync", "renameat", "openat"}

// before is the command line that the traced program's own is put behind. The tracer is not the parent, so
// that the program is signalled and waited for like any other, and ends with it.
func (i injection) before() []string {
	line := []string{"strace", "-D", "-o", i.trace, "-e", "trace=" + strings.Join(storeCalls, ","),
		"-e", fmt.Sprintf("inject=%s:%s:when=%d", i.call, i.what, i.when)}
	for _, path := range i.paths {
		line = append(line, "-P", path)
	}
	return line
}

// hasHappened reports whether the call was made by the traced process, which has ended. The tracer ends a
// moment after it, with a last line.
func (i injection) hasHappened(t testing.TB) bool {
	t.Helper()
	var record []byte
	for deadline := time.Now().Add(patience); !bytes.Contains(record, []byte("\n+++ ")); {
		if time.Now().After(deadline) {
			t.Fatalf("the tracer wrote no end: %s", record)
		}
		var err error
		if record, err = os.ReadFile(i.trace); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	return bytes.Contains(record, []byte("(INJECTED)")) || bytes.Contains(record, []byte("\n+++ killed by SIGKILL"))
}

// throughout makes every such call of all of a process's threads end as what says.
func throughout(dir, calls, what string) []string {
	return []string{"strace", "-D", "-f", "-o", filepath.Join(dir, "throughout.trace"),
		"-e", "trace=" + calls, "-e", "inject=" + calls + ":" + what}
}
