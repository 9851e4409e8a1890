package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/paxos"
)

// stopOrder is the order in which a process stops its roles. Each needs those after it for its last
// work: the runs that a leader leaves, and its successor's promises, may need this process's acceptor.
var stopOrder = []paxos.RoleKind{paxos.RoleProposer, paxos.RoleLearner, paxos.RoleAcceptor}

// member is a role that is ready to run, until its context ends.
type member struct {
	role config.Role
	run  func(context.Context) error
}

// crew is the roles that one process runs. They share nothing but its end: when one fails, all stop. A
// process that lived on without its acceptor would look well to who supervises it.
type crew struct {
	ctx    context.Context // ends when they are to stop: its parent ended, or a role failed
	cancel context.CancelFunc
	squads map[paxos.RoleKind]*squad
	logger *slog.Logger

	mutex   sync.Mutex
	failure error // the first
}

// squad is the roles of one kind, which are stopped together.
type squad struct {
	ctx  context.Context
	stop context.CancelFunc
	wait sync.WaitGroup
}

// startCrew starts roles. Whoever does must stop them.
func startCrew(ctx context.Context, members []member, logger *slog.Logger) *crew {
	c := &crew{squads: make(map[paxos.RoleKind]*squad), logger: logger}
	c.ctx, c.cancel = context.WithCancel(ctx)
	for _, kind := range stopOrder {
		s := &squad{}
		// Not a child of ctx: a signal must not reach all roles at once.
		s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
		c.squads[kind] = s
	}
	for _, m := range members {
		s := c.squads[m.role.Kind()]
		s.wait.Go(func() {
			if err := m.run(s.ctx); err != nil {
				c.onFailure(m.role, err)
			}
		})
	}
	return c
}

// onFailure has all roles stop because one failed.
func (c *crew) onFailure(role config.Role, err error) {
	c.logger.Error("this role failed, and with it the process ends", "log", role.Settings.Log,
		"role", role.Name, "id", role.ID(), "error", err)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.failure == nil {
		c.failure = err
	}
	c.cancel()
}

// stop stops all roles in order, and returns the first failure that there was, then or before.
func (c *crew) stop() error {
	defer c.cancel()
	for _, kind := range stopOrder {
		c.squads[kind].stop()
		c.squads[kind].wait.Wait()
	}
	return c.failure
}
