package e2e

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/testenv/process"
	"github.com/synod-log/synod/worker"
)

// startBrokerWith starts the cluster's broker with more settings. startBroker restarts it without them.
func (c *cluster) startBrokerWith(config string) {
	c.t.Helper()
	c.broker = process.Start(c.t, c.dir, "broker", process.Build(c.t, "testenv/cmd/broker"),
		"-port", fmt.Sprint(c.port), "-config", config)
	c.broker.AwaitTalk("listening at", patience)
}

// restartBrokerWith kills the broker and starts it again with other settings.
func (c *cluster) restartBrokerWith(config string) {
	c.t.Helper()
	c.broker.Restart("-port", fmt.Sprint(c.port), "-config", config)
	c.broker.AwaitTalk("listening at", patience)
}

// awaitTalkOfAny waits until one of the workers has said all the texts.
func (c *cluster) awaitTalkOfAny(ids []string, texts ...string) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		for _, id := range ids {
			talk := c.workers[id].Talk()
			if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(talk, text) }) {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatalf("none of %v said %q", ids, texts)
}

// awaitSettled waits until an acceptor has settled all that the leader knows to be chosen.
func (c *cluster) awaitSettled(conn *nats.Conn, id string) {
	c.t.Helper()
	var leader worker.ProposerReport
	var acceptor worker.AcceptorReport
	c.report(conn, c.awaitLeader(), &leader)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		c.report(conn, id, &acceptor)
		if acceptor.Settled >= leader.Chosen {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatalf("%s has settled through slot %d, of %d, after %v", id, acceptor.Settled, leader.Chosen, patience)
}

// report asks a worker for its status, until it answers.
func (c *cluster) report(conn *nats.Conn, id string, to any) {
	c.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		answer, err := conn.Request("synod.main.status."+id[:1]+"."+id, nil, time.Second)
		if err == nil {
			err = json.Unmarshal(answer.Data, to)
		}
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("status of %s: %v", id, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// brief stands for a large value where values are compared and shown.
func brief(value string) string {
	return fmt.Sprintf("%.12s… (%d bytes, %08x)", value, len(value), crc32.ChecksumIEEE([]byte(value)))
}

// requireLargeRight is requireRight for values that are large, which history has in brief.
func (c *cluster) requireLargeRight(history History) {
	c.t.Helper()
	result := c.run("log", "--timeout", "30s")
	if result.Code != 0 {
		c.t.Fatalf("synod log ended with %d: %s", result.Code, result.Talk)
	}
	log := c.parseLarge(result.Out)
	c.reportFaults("log", Check(history, log))
	for _, id := range []string{"l1", "l2"} {
		if _, ok := c.workers[id]; ok {
			c.reportFaults(id, CheckLearner(c.awaitPrintedLarge(id, len(log)), log, uint64(len(log))))
		}
	}
	c.t.Logf("%d requests, %d acknowledged; log has %d slots, printed %d MiB", len(history),
		history.Acknowledged(), len(log), len(result.Out)>>20)
}

func (c *cluster) awaitPrintedLarge(id string, slots int) []Line {
	c.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		text, err := os.ReadFile(c.workers[id].Stdout())
		if err != nil {
			c.t.Fatal(err)
		}
		whole := string(text[:strings.LastIndexByte(string(text), '\n')+1])
		if strings.Count(whole, "\n") >= slots || time.Now().After(deadline) {
			return c.parseLarge(whole)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// parseLarge reads lines of any length, and returns their values in brief.
func (c *cluster) parseLarge(text string) []Line {
	c.t.Helper()
	var lines []Line
	for decoder := json.NewDecoder(strings.NewReader(text)); decoder.More(); {
		var line Line
		if err := decoder.Decode(&line); err != nil {
			c.t.Fatal(err)
		}
		if !line.Noop {
			line.Value = brief(line.Value)
		}
		lines = append(lines, line)
	}
	return lines
}
