package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// What `synod dev` runs.
var (
	devAcceptors = []string{"a1", "a2", "a3"}
	devProposers = []string{"p1", "p2"}
	devLearners  = []string{"l1"}
)

// leaderWithin is how long a log may take until somebody leads; founding it takes about two seconds.
const leaderWithin = 30 * time.Second

// crew is workers that run together: when one fails, all stop.
type crew struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	wait   sync.WaitGroup
}

func newCrew(ctx context.Context) *crew {
	c := &crew{}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	return c
}

func (c *crew) start(run func(context.Context) error) {
	c.wait.Go(func() {
		if err := run(c.ctx); err != nil {
			c.cancel(err)
		}
	})
}

// stop ends all workers in order, and returns the error that ended them before, if one did.
func (c *crew) stop() error {
	c.cancel(nil)
	c.wait.Wait()
	if err := context.Cause(c.ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (d *dev) startWorkers(ctx context.Context) (*crew, error) {
	options, err := workerOptions(d.settings, "", d.logger)
	if err != nil {
		return nil, err
	}
	named := func(id string) worker.Options {
		options := options
		options.ID = id
		return options
	}
	workers := newCrew(ctx)
	for _, id := range devAcceptors {
		workers.start(func(ctx context.Context) error {
			return worker.RunAcceptor(ctx, worker.AcceptorOptions{
				Options: named(id), Founders: devAcceptors, Dir: filepath.Join(d.data, id),
			})
		})
	}
	for _, id := range devProposers {
		workers.start(func(ctx context.Context) error {
			return worker.RunProposer(ctx, worker.ProposerOptions{Options: named(id)})
		})
	}
	for _, id := range devLearners {
		workers.start(func(ctx context.Context) error {
			return worker.RunLearner(ctx, worker.LearnerOptions{Options: named(id)}, nil)
		})
	}
	return workers, nil
}

// awaitLeader returns the proposer that leads. It returns "" and no error where ctx ends: who ended it
// knows why.
func (d *dev) awaitLeader(ctx context.Context) (string, error) {
	conn, err := connect(d.settings.NATS, "synod dev")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, leaderWithin)
	defer cancel()
	for {
		waiting := "no proposer answers"
		for _, id := range devProposers {
			report, err := d.askProposer(ctx, conn, id)
			if err == nil && report.State == "leading" {
				return id, nil
			}
			if err == nil && report.Waiting != "" {
				waiting = report.Waiting
			}
		}
		err := pause(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return "", fmt.Errorf("log %s is not ready after %v: %s", d.settings.Log, leaderWithin, waiting)
		}
		if err != nil {
			return "", nil
		}
	}
}

func (d *dev) askProposer(ctx context.Context, conn *nats.Conn, id string) (worker.ProposerReport, error) {
	var report worker.ProposerReport
	subjects, err := codec.NewSubjects(d.settings.Prefix, d.settings.Log)
	if err != nil {
		return report, err
	}
	answer, err := conn.RequestWithContext(ctx, subjects.Status(paxos.RoleProposer, id), nil)
	if err != nil {
		return report, err
	}
	return report, json.Unmarshal(answer.Data, &report)
}
