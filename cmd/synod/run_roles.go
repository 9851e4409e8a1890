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
	members, err := prepare(roles, logger)
	if err != nil {
		return err
	}
	running := startCrew(ctx, members, logger)
	<-running.ctx.Done()
	return running.stop()
}

// prepare makes roles ready to run. An error is one of their settings; nothing was started.
func prepare(roles []config.Role, logger *slog.Logger) ([]member, error) {
	members := make([]member, len(roles))
	for i, role := range roles {
		run, err := runnerOf(role, logger)
		if err != nil {
			return nil, err
		}
		members[i] = member{role: role, run: run}
	}
	return members, nil
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

// runnerOf returns what runs a role until its context ends.
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
