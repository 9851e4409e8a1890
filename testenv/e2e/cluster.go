package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/process"
	"github.com/synod-log/synod/worker"
)

// patience is how long a test waits for what should take a second or two. It is generous: a test must
// not fail because the machine is busy.
const patience = 60 * time.Second

var founders = []string{"a1", "a2", "a3"}

// cluster is the processes of one log and its broker.
type cluster struct {
	t       testing.TB
	dir     string
	url     string
	port    int
	synod   string // the executable
	broker  *process.Process
	workers map[string]*process.Process
	filled  History // see fill
}

// newCluster chooses a port, and starts nothing.
func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{
		t: t, dir: t.TempDir(), synod: process.Build(t, "cmd/synod"),
		workers: make(map[string]*process.Process),
	}
	c.choosePort()
	return c
}

func (c *cluster) choosePort() {
	ports, err := broker.FreePorts(1)
	if err != nil {
		c.t.Fatal(err)
	}
	c.port = ports[0]
	c.url = fmt.Sprintf("nats://127.0.0.1:%d", c.port)
}

// startCluster starts a broker, three acceptors, two proposers and two learners, and waits until one
// proposer leads and the other stands by.
func startCluster(t testing.TB) *cluster {
	t.Helper()
	c := newCluster(t)
	c.startBroker()
	for _, id := range append(slices.Clone(founders), "p1", "p2", "l1", "l2") {
		c.start(id)
	}
	leader := c.awaitLeader()
	for _, id := range []string{"p1", "p2"} {
		if id != leader {
			c.awaitStandby(id)
		}
	}
	return c
}

func (c *cluster) startBroker() {
	c.t.Helper()
	if c.broker != nil {
		c.broker.Restart("-port", fmt.Sprint(c.port))
	} else {
		c.broker = process.Start(c.t, c.dir, "broker", process.Build(c.t, "testenv/cmd/broker"),
			"-port", fmt.Sprint(c.port))
	}
	c.broker.AwaitTalk("listening at", patience)
}

// start starts or restarts the worker with this id, whose first letter tells its role.
func (c *cluster) start(id string) *process.Process {
	c.t.Helper()
	args := c.argsOf(id)
	if worker, ok := c.workers[id]; ok {
		worker.Restart(args...)
	} else {
		c.workers[id] = process.Start(c.t, c.dir, id, c.synod, args...)
	}
	return c.workers[id]
}

func (c *cluster) argsOf(id string) []string {
	switch id[0] {
	case 'a':
		return []string{"acceptor", "--id", id, "--members", strings.Join(founders, ","),
			"--data", c.store(id), "-s", c.url}
	case 'p':
		return []string{"proposer", "--id", id, "-s", c.url}
	}
	return []string{"learner", "--id", id, "--print", "-s", c.url}
}

// store is the directory of an acceptor's store.
func (c *cluster) store(id string) string { return filepath.Join(c.dir, "store-"+id) }

// run runs a command of synod against the cluster to its end.
func (c *cluster) run(args ...string) process.Result {
	c.t.Helper()
	return process.Run(c.t, patience, "", c.synod, append(args, "-s", c.url)...)
}

func (c *cluster) connect() *nats.Conn {
	c.t.Helper()
	conn, err := nats.Connect(c.url)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(conn.Close)
	return conn
}

// stateOf asks a proposer for its state; "" where it does not answer.
func stateOf(conn *nats.Conn, id string) string {
	answer, err := conn.Request("synod.main.status.p."+id, nil, time.Second)
	if err != nil {
		return ""
	}
	var report worker.ProposerReport
	if err := json.Unmarshal(answer.Data, &report); err != nil {
		return ""
	}
	return report.State
}

// awaitLeader waits until a proposer leads, and returns its id.
func (c *cluster) awaitLeader() string {
	c.t.Helper()
	conn, err := nats.Connect(c.url, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		for _, id := range []string{"p1", "p2"} {
			if stateOf(conn, id) == "leading" {
				return id
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatalf("no proposer leads after %v", patience)
	return ""
}

func (c *cluster) awaitStandby(id string) {
	c.t.Helper()
	conn := c.connect()
	defer conn.Close()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if stateOf(conn, id) == "standby" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatalf("%s is not a standby after %v", id, patience)
}

// log reads the whole log with `synod log`.
func (c *cluster) log() []Line {
	c.t.Helper()
	result := c.run("log", "--timeout", "30s")
	if result.Code != 0 {
		c.t.Fatalf("synod log ended with %d: %s", result.Code, result.Talk)
	}
	return parseLines(c.t, result.Out)
}

// requireRight checks a load's history against the log, and what the learners printed.
func (c *cluster) requireRight(history History) {
	c.t.Helper()
	log := c.log()
	c.reportFaults("log", Check(history, log))
	if c.t.Failed() {
		c.explain(history.Failed(), log)
	}
	for _, id := range []string{"l1", "l2"} {
		if _, ok := c.workers[id]; ok {
			c.reportFaults(id, CheckLearner(c.awaitPrinted(id, len(log)), log, uint64(len(log))))
		}
	}
	c.t.Logf("%d requests, %d acknowledged, longest wait %v; log has %d slots", len(history),
		history.Acknowledged(), history.LongestWait().Round(time.Millisecond), len(log))
}

// explain tells, of requests that were not acknowledged, where they stand in the log.
func (c *cluster) explain(failed History, log []Line) {
	slots := make(map[string]uint64)
	for _, line := range log {
		slots[line.Value] = line.Slot
	}
	for _, r := range failed[:min(len(failed), 40)] {
		c.t.Logf("%v stands in slot %d (0: nowhere)", r, slots[r.Value])
	}
}

func (c *cluster) reportFaults(what string, faults []string) {
	c.t.Helper()
	for i, fault := range faults {
		if i == 10 {
			c.t.Errorf("%s: and %d more", what, len(faults)-i)
			return
		}
		c.t.Errorf("%s: %s", what, fault)
	}
}

// awaitPrinted waits until a learner has printed so many slots, and returns what it has printed.
func (c *cluster) awaitPrinted(id string, slots int) []Line {
	c.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		text, err := os.ReadFile(c.workers[id].Stdout())
		if err != nil {
			c.t.Fatal(err)
		}
		whole := text[:strings.LastIndexByte(string(text), '\n')+1]
		if lines := parseLines(c.t, string(whole)); len(lines) >= slots || time.Now().After(deadline) {
			return lines
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func parseLines(t testing.TB, text string) []Line {
	t.Helper()
	var lines []Line
	scanner := bufio.NewScanner(strings.NewReader(text))
	for scanner.Scan() {
		var line Line
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatalf("line %q: %v", scanner.Text(), err)
		}
		lines = append(lines, line)
	}
	return lines
}
