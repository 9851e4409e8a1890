package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/config"
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

// roles are what dev runs, of its own log and broker.
func (d *dev) roles() []config.Role {
	var roles []config.Role
	add := func(name string, ids []string, set func(settings *config.Config, id string)) {
		for _, id := range ids {
			role := config.Role{Name: name, Settings: d.settings}
			set(&role.Settings, id)
			roles = append(roles, role)
		}
	}
	add("acceptor", devAcceptors, func(settings *config.Config, id string) {
		settings.Acceptor = config.Acceptor{ID: id, Members: devAcceptors, Data: filepath.Join(d.data, id)}
	})
	add("proposer", devProposers, func(settings *config.Config, id string) { settings.Proposer.ID = id })
	add("learner", devLearners, func(settings *config.Config, id string) {
		settings.Learner = config.Learner{ID: id}
	})
	return roles
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
