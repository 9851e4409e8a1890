package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

func newLearner(std streams) *cobra.Command {
	var print bool
	command := &cobra.Command{
		Use:     "learner",
		GroupID: groupRun,
		Short:   "Run a learner: it follows the log, in order and without a hole",
		Long: `A learner hears what the leader says is chosen, and pulls what it missed. Any number of them may run;
they cost the acceptors nothing.

It is the log's public face, for any program that speaks NATS: one learner at a time publishes each
value on synod.<log>.chosen, and all answer {"from":1,"max":500} on synod.<log>.read.

With --print it writes each value on a line of its own as JSON, as ` + "`synod log --follow`" + ` does.`,
		Example: `  synod learner --id l1
  synod learner --id l2 --from 1000 --print | my-consumer`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			settings, err := load(command, config.ForLearner)
			if err != nil {
				return err
			}
			logger := newLogger(std.err, settings.Logging, slog.LevelInfo)
			options, err := workerOptions(settings, settings.Learner.ID, logger)
			if err != nil {
				return err
			}
			var deliver func(paxos.Run) error
			if print {
				deliver = newPrinter(std.out, formatJSON).print
			}
			return worker.RunLearner(command.Context(), worker.LearnerOptions{
				Options: options, From: settings.Learner.From,
			}, deliver)
		},
	}
	addFlags(command, config.OfLearner, config.OfLog)
	command.Flags().BoolVar(&print, "print", false, "write each value learned on stdout, as a line of JSON")
	addFlags(command, config.OfConnection, config.OfLogging)
	return command
}
