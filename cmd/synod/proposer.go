package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/worker"
)

func newProposer(std streams) *cobra.Command {
	command := &cobra.Command{
		Use:     "proposer",
		GroupID: groupRun,
		Short:   "Run a proposer: one leads and numbers the values, the others stand by",
		Long: `A proposer takes the values that clients propose and has the acceptors choose them. Of any number
of proposers one leads; the others hold what they hear, and the first of them to miss the leader
takes over, usually within a second, with the proposals that it left unanswered.

A proposer needs no disk and no list of acceptors: only NATS and the log's name. It uses one
processor, unless the environment's GOMAXPROCS says how many.`,
		Example: `  synod proposer --id p1
  synod proposer --id p2 --log orders -s nats://nats.example:4222`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			settings, err := load(command, config.ForProposer)
			if err != nil {
				return err
			}
			logger := newLogger(std.err, settings.Logging, slog.LevelInfo)
			options, err := workerOptions(settings, settings.Proposer.ID, logger)
			if err != nil {
				return err
			}
			oneProcessor()
			return worker.RunProposer(command.Context(), worker.ProposerOptions{Options: options})
		},
	}
	addFlags(command, config.OfProposer, config.OfLog, config.OfConnection, config.OfLogging)
	return command
}
