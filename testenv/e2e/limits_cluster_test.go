package e2e

import (
	"encoding/json"
	"fmt"
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
