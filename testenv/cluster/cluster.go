// Package cluster runs the workers of a log in this process, over a real broker on loopback, each with its
// own connection and each acceptor with a store on disk: what benchmarks measure.
package cluster

import (
	"context"
	"encoding/json"
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
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/worker"
)

// Options say how many workers there are. The zero value is three acceptors, two proposers, one learner.
type Options struct {
	Acceptors, Proposers, Learners int
	Dir                            string // of the stores; empty: a temporary one
}

// Cluster is the workers of one log, named main.
type Cluster struct {
	Broker *broker.Broker
	tb     testing.TB
	cancel context.CancelFunc
	ends   sync.WaitGroup
	logger *slog.Logger
}

// Start runs a cluster until the test ends, and returns when one of its proposers leads.
func Start(tb testing.TB, o Options) *Cluster {
	tb.Helper()
	started, err := broker.Start(broker.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Cluster{Broker: started, tb: tb, cancel: cancel,
		logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	tb.Cleanup(c.stop)
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	founders := ids("a", orElse(o.Acceptors, 3))
	for _, id := range founders {
		c.run(ctx, func(ctx context.Context) error {
			return worker.RunAcceptor(ctx, worker.AcceptorOptions{
				Options: c.options(id), Founders: founders, Dir: filepath.Join(o.Dir, id)})
		})
	}
	proposers := ids("p", orElse(o.Proposers, 2))
	for _, id := range proposers {
		c.run(ctx, func(ctx context.Context) error {
			return worker.RunProposer(ctx, worker.ProposerOptions{Options: c.options(id)})
		})
	}
	for _, id := range ids("l", orElse(o.Learners, 1)) {
		c.run(ctx, func(ctx context.Context) error {
			return worker.RunLearner(ctx, worker.LearnerOptions{Options: c.options(id)}, func(paxos.Run) error { return nil })
		})
	}
	c.awaitLeader(proposers)
	return c
}

// Connect returns a connection to the cluster's broker, closed when the test ends.
func (c *Cluster) Connect() *nats.Conn {
	conn, err := nats.Connect(c.Broker.URL())
	if err != nil {
		c.tb.Fatal(err)
	}
	c.tb.Cleanup(conn.Close)
	return conn
}

func (c *Cluster) options(id string) worker.Options {
	return worker.Options{
		Conn: link.Options{URL: c.Broker.URL()}, Log: "main", ID: id, Logger: c.logger,
	}
}

func (c *Cluster) run(ctx context.Context, work func(context.Context) error) {
	c.ends.Go(func() {
		if err := work(ctx); err != nil {
			c.tb.Errorf("a worker ended: %v", err)
		}
	})
}

func (c *Cluster) stop() {
	c.cancel()
	c.ends.Wait()
	c.Broker.Shutdown()
}

// awaitLeader waits until a proposer says that it leads.
func (c *Cluster) awaitLeader(proposers []string) {
	c.tb.Helper()
	conn := c.Connect()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		for _, id := range proposers {
			reply, err := conn.Request("synod.main.status.p."+id, nil, time.Second)
			var status struct{ State string }
			if err == nil && json.Unmarshal(reply.Data, &status) == nil && status.State == "leading" {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.tb.Fatal("nobody leads after a minute")
}

func ids(role string, count int) []string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf("%s%d", role, i+1)
	}
	return all
}

func orElse(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}
