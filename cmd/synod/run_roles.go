package main

import (
	"context"
	"log/slog"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// runRoles runs roles in this process until ctx ends, or one of them fails.
func runRoles(ctx context.Context, roles []config.Role, logger *slog.Logger) error {
	warnOfShared(logger, roles)
	processorsFor(roles)
	running, err := startCrew(ctx, roles, logger)
	if err != nil {
		return err
	}
	<-running.ctx.Done()
	return running.stop()
}

// warnOfShared says where a log loses more than one acceptor with this process.
func warnOfShared(logger *slog.Logger, roles []config.Role) {
	acceptors := make(map[string]int) // by log
	for _, role := range roles {
		if role.Kind() != paxos.RoleAcceptor {
			continue
		}
		log := role.Settings.Log
		if acceptors[log]++; acceptors[log] == 1 {
			warnOfEven(logger.With("log", log), len(role.Settings.Acceptor.Members))
		}
	}
	for log, count := range acceptors {
		if count > 1 {
			logger.Warn("acceptors of one log share this process and fail together: run each on a machine "+
				"of its own", "log", log, "acceptors", count)
		}
	}
}

// runnerOf prepares a role: what it returns runs it until its context ends. An error is one of the
// settings; nothing was started.
func runnerOf(role config.Role, logger *slog.Logger) (func(context.Context) error, error) {
	settings := role.Settings
	options, err := workerOptions(settings, role.ID(), logger)
	if err != nil {
		return nil, err
	}
	switch role.Kind() {
	case paxos.RoleAcceptor:
		return func(ctx context.Context) error {
			return worker.RunAcceptor(ctx, worker.AcceptorOptions{
				Options: options, Founders: settings.Acceptor.Members, Dir: settings.Acceptor.Data,
			})
		}, nil
	case paxos.RoleProposer:
		return func(ctx context.Context) error {
			return worker.RunProposer(ctx, worker.ProposerOptions{Options: options})
		}, nil
	}
	return func(ctx context.Context) error {
		return worker.RunLearner(ctx, worker.LearnerOptions{
			Options: options, From: settings.Learner.From,
		}, nil)
	}, nil
}
