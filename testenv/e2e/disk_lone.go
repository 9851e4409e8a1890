package e2e

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/process"
	"github.com/synod-log/synod/worker"
)

// lone is a log of one acceptor, a process with segments so small that a few values fill one. Its proposer
// and its learners run in the test, so that many such logs can be tried. Whatever it acknowledged stands
// on that one disk.
type lone struct {
	t        testing.TB
	url      string
	log      string
	files    string // for what the acceptor says
	data     string // the directory of its store
	conn     *nats.Conn
	acceptor *process.Process
	history  History
	began    time.Time
	end      func() // ends all that runs; the test's end does too
}

// segmentBytes is the size of a segment where tests cross many.
const segmentBytes = 16 << 10

// newLone starts the proposer of a log of this name at a broker, and no acceptor yet.
func newLone(t testing.TB, url, log string) *lone {
	t.Helper()
	dir := t.TempDir()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	l := &lone{t: t, url: url, log: log, files: dir, data: filepath.Join(dir, "store"), conn: conn,
		began: time.Now()}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := worker.RunProposer(ctx, worker.ProposerOptions{Options: l.options("p1")}); err != nil {
			t.Errorf("the proposer of log %s ended: %v", log, err)
		}
	})
	l.end = sync.OnceFunc(func() {
		if l.acceptor != nil {
			l.acceptor.Kill()
		}
		cancel()
		running.Wait()
		conn.Close()
	})
	t.Cleanup(l.end)
	return l
}

// options are those of a worker that waits for nobody: there is one proposer.
func (l *lone) options(id string) worker.Options {
	return worker.Options{
		Conn: link.Options{URL: l.url}, Log: l.log, ID: id,
		Timing: paxos.Timing{Start: -1, Patience: 10},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// arguments are the acceptor's command line.
func (l *lone) arguments() []string {
	return []string{process.Build(l.t, "testenv/cmd/acceptor"), "-server", l.url, "-log", l.log,
		"-data", l.data, "-segment", fmt.Sprint(segmentBytes), "-listen", "100ms"}
}

// start starts the acceptor, or starts it again. What stands before its command line is the program that
// runs it: a tracer, a shell that sets limits.
func (l *lone) start(before ...string) {
	l.t.Helper()
	command := append(before, l.arguments()...)
	if l.acceptor != nil {
		l.acceptor.Restart(command...)
		return
	}
	l.acceptor = process.Start(l.t, l.files, "a1", "env", command...) // which becomes what it runs
}

// tries is how long one request of propose waits.
const tries = 300 * time.Millisecond

// propose proposes values, each under an id until it is acknowledged. It returns false when the acceptor has
// ended before all were.
func (l *lone) propose(name string, count, size int) bool {
	l.t.Helper()
	for i := range count {
		if !l.proposeOne(fmt.Sprintf("%s.%d", name, i), size) {
			return false
		}
	}
	return true
}

func (l *lone) proposeOne(id string, size int) bool {
	l.t.Helper()
	value := fmt.Sprintf("%s.%0*d", id, size, 0)
	request := Request{Value: value, HasID: true, Sent: time.Since(l.began)}
	defer func() { l.history = append(l.history, request) }()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		msg := nats.NewMsg("synod." + l.log + ".propose")
		msg.Data = []byte(value)
		msg.Header.Set(nats.MsgIdHdr, id)
		reply, err := l.conn.RequestMsg(msg, tries)
		if err == nil {
			var answer Answer
			if answer, err = readAnswer(reply.Data); err == nil {
				request.Slot, request.Answered = answer.Slot, time.Since(l.began)
				return true // perhaps as a duplicate: it was asked for more than once
			}
		}
		request.Err, request.Answered = err.Error(), time.Since(l.began)
		if !l.acceptor.IsRunning() {
			return false
		}
	}
	l.t.Fatalf("%s was not acknowledged in %v: %s", id, patience, request.Err)
	return false
}

// requireKept has the acceptor, which runs, take a few values more, reads the log from its store, and checks
// that it has all that was ever acknowledged.
func (l *lone) requireKept() {
	l.t.Helper()
	if !l.propose(fmt.Sprintf("after%d", len(l.history)), 2, 1) {
		l.t.Fatalf("log %s: the acceptor ended after it was started again: %s", l.log, l.acceptor.Talk())
	}
	last := l.history[len(l.history)-1].Slot
	for _, fault := range Check(l.history, l.read(last)) {
		l.t.Errorf("log %s: %s", l.log, fault)
	}
}

// read reads the log through a slot with a learner that has not read it before.
func (l *lone) read(through uint64) []Line {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	var lines []Line
	err := worker.RunLearner(ctx, worker.LearnerOptions{Options: l.options("l1"), Private: true},
		func(run paxos.Run) error {
			for i, value := range run.Values {
				lines = append(lines, Line{Slot: uint64(run.First) + uint64(i),
					Noop: value.Kind != paxos.KindValue, Value: string(value.Data)})
			}
			if uint64(len(lines)) >= through {
				cancel()
			}
			return nil
		})
	if err != nil || uint64(len(lines)) < through {
		l.t.Fatalf("log %s: read %d slots of %d: %v", l.log, len(lines), through, err)
	}
	return lines
}
