package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/paxos"
)

// stopOrder is the order in which a process stops its roles. A proposer that leads hands over, and its
// successor needs promises: a process that took its acceptor away first could leave it without a quorum.
// Acceptors are last, since all else rests on them.
var stopOrder = []paxos.RoleKind{paxos.RoleProposer, paxos.RoleLearner, paxos.RoleAcceptor}

// crew is the roles that one process runs. They share nothing but its end: when one fails, all stop. A
// process that lived on without its acceptor would look well to who supervises it.
type crew struct {
	ctx     context.Context // ends when they are to stop: its parent ended, or a role failed
	fail    context.CancelCauseFunc
	squads  map[paxos.RoleKind]*squad
	mutex   sync.Mutex
	failure error // the first
}

// squad is the roles of one kind, which are stopped together.
type squad struct {
	ctx  context.Context
	stop context.CancelFunc
	wait sync.WaitGroup
}

// startCrew starts roles. An error is one of their settings; nothing was started.
func startCrew(ctx context.Context, roles []config.Role, logger *slog.Logger) (*crew, error) {
	runners := make([]func(context.Context) error, len(roles))
	for i, role := range roles {
		var err error
		if runners[i], err = runnerOf(role, logger); err != nil {
			return nil, err
		}
	}
	c := &crew{squads: make(map[paxos.RoleKind]*squad)}
	c.ctx, c.fail = context.WithCancelCause(ctx)
	for _, kind := range stopOrder {
		s := &squad{}
		// Not a child of ctx: a signal must not reach all roles at once.
		s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
		c.squads[kind] = s
	}
	for i, role := range roles {
		s := c.squads[role.Kind()]
		s.wait.Go(func() {
			if err := runners[i](s.ctx); err != nil {
				c.onFailure(role, err, logger)
			}
		})
	}
	return c, nil
}

// onFailure has all roles stop because one failed.
func (c *crew) onFailure(role config.Role, err error, logger *slog.Logger) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	logger.Error("this role failed, and with it the process ends", "log", role.Settings.Log,
		"role", role.Name, "id", role.ID(), "error", err)
	if c.failure == nil {
		c.failure = err
	}
	c.fail(err)
}

// stop stops all roles in order, and returns the first failure that there was, then or before.
func (c *crew) stop() error {
	defer c.fail(nil)
	for _, kind := range stopOrder {
		c.squads[kind].stop()
		c.squads[kind].wait.Wait()
	}
	return c.failure
}
