package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/worker"
)

// cluster is a log's workers, in this process, each with a connection of its own to one broker.
type cluster struct {
	t      *testing.T
	broker *broker.Broker
	dir    string
	logger *slog.Logger
}

var founders = []string{"a1", "a2", "a3"}

func startBroker(t *testing.T, options broker.Options) *broker.Broker {
	t.Helper()
	started, err := broker.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Shutdown)
	return started
}

func newCluster(t *testing.T) *cluster {
	return &cluster{
		t: t, broker: startBroker(t, broker.Options{}), dir: t.TempDir(),
		logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// running is a worker that was started. Stop ends it in order, and returns what Run… returned.
type running struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

func (r *running) stop() error {
	r.cancel()
	<-r.done
	return r.err
}

func (c *cluster) start(run func(context.Context) error) *running {
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = run(ctx)
	}()
	c.t.Cleanup(func() { _ = r.stop() })
	return r
}

func (c *cluster) options(id string) worker.Options {
	return worker.Options{
		Conn: link.Options{URL: c.broker.URL()}, Log: "main", ID: id, Logger: c.logger,
		Timing: paxos.Timing{Listen: 20}, // all founders start at once here
	}
}

// founded returns a cluster whose three acceptors run.
func founded(t *testing.T) *cluster {
	c := newCluster(t)
	for _, id := range founders {
		c.acceptor(id)
	}
	return c
}

func (c *cluster) acceptor(id string) *running {
	return c.start(func(ctx context.Context) error {
		return worker.RunAcceptor(ctx, worker.AcceptorOptions{
			Options: c.options(id), Founders: founders, Dir: filepath.Join(c.dir, id), SegmentBytes: 1 << 20,
		})
	})
}

func (c *cluster) proposer(id string) *running {
	return c.start(func(ctx context.Context) error {
		return worker.RunProposer(ctx, worker.ProposerOptions{Options: c.options(id)})
	})
}

// collected is what a learner delivered.
type collected struct {
	mutex  sync.Mutex
	values []paxos.Value
	grew   chan struct{}
	from   paxos.Slot
}

func (c *collected) deliver(run paxos.Run) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if want := c.from + paxos.Slot(len(c.values)); run.First != want {
		return &outOfOrder{run.First, want}
	}
	c.values = append(c.values, run.Values...)
	select {
	case c.grew <- struct{}{}:
	default:
	}
	return nil
}

type outOfOrder struct{ got, want paxos.Slot }

func (e *outOfOrder) Error() string { return "a run was delivered out of order" }

// through waits until the slots up to last were delivered, and returns their values as text.
func (c *collected) through(t *testing.T, last paxos.Slot) []string {
	t.Helper()
	for {
		c.mutex.Lock()
		if have := c.from + paxos.Slot(len(c.values)); have > last {
			texts := make([]string, 0, len(c.values))
			for _, value := range c.values[:last-c.from+1] {
				texts = append(texts, value.String())
			}
			c.mutex.Unlock()
			return texts
		}
		c.mutex.Unlock()
		select {
		case <-c.grew:
		case <-t.Context().Done():
			t.Fatal("the test ended first")
		}
	}
}

func (c *cluster) learner(id string, from paxos.Slot) (*running, *collected) {
	values := &collected{grew: make(chan struct{}, 1), from: from}
	return c.start(func(ctx context.Context) error {
		o := worker.LearnerOptions{Options: c.options(id), From: from}
		return worker.RunLearner(ctx, o, values.deliver)
	}), values
}

// withinMinute is a context for one call: one that takes a minute has failed.
func (c *cluster) withinMinute() context.Context {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	c.t.Cleanup(cancel)
	return ctx
}

func (c *cluster) connect() *nats.Conn {
	c.t.Helper()
	conn, err := nats.Connect(c.broker.URL())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(conn.Close)
	return conn
}

// status asks a worker for its state, until it answers.
func (c *cluster) status(conn *nats.Conn, role, id string, report any) {
	c.t.Helper()
	for {
		reply, err := conn.RequestWithContext(c.withinMinute(), "synod.main.status."+role+"."+id, nil)
		if errors.Is(err, nats.ErrNoResponders) {
			time.Sleep(time.Millisecond)
			continue
		}
		if err == nil {
			err = json.Unmarshal(reply.Data, report)
		}
		if err != nil {
			c.t.Fatal(err)
		}
		return
	}
}

// leader waits until one of the proposers says that it leads, and returns its id.
func (c *cluster) leader(conn *nats.Conn, ids ...string) string {
	c.t.Helper()
	for {
		for _, id := range ids {
			var report worker.ProposerReport
			c.status(conn, "p", id, &report)
			if report.State == "leading" {
				return id
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// propose has a value chosen, and returns its slot.
func (c *cluster) propose(log *client.Client, value string) paxos.Slot {
	c.t.Helper()
	outcome, err := log.Propose(c.withinMinute(), client.Proposal{Value: []byte(value)})
	if err != nil {
		c.t.Fatal(err)
	}
	return paxos.Slot(outcome.Slot)
}

func (c *cluster) client() *client.Client {
	c.t.Helper()
	log, err := client.New(c.connect(), "main", client.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	return log
}
