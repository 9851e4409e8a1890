package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/worker"
)

func newAcceptor(std streams) *cobra.Command {
	command := &cobra.Command{
		Use:     "acceptor",
		GroupID: groupRun,
		Short:   "Run an acceptor: it keeps the log on disk and votes",
		Long: `An acceptor keeps the log in a directory, syncs it before each promise and vote, and is one of a
fixed membership: all acceptors that found the log together, which --members lists for each of
them alike. Any majority of them keeps the log going: three can lose one, five can lose two.

They may be started in any order, with NATS or before it. The first time, each waits until it has
heard all the others. The directory is the acceptor's identity: one that lost it cannot vote, and
a copy of it must never run.

It uses one processor, unless the environment's GOMAXPROCS says how many.`,
		Example: `  synod acceptor --id a1 --members a1,a2,a3 --data /var/lib/synod/a1
  synod acceptor --id a2 --members a1,a2,a3 --data /var/lib/synod/a2 -s nats://nats.example:4222
  SYNOD_ACCEPTOR_ID=a3 synod acceptor --config synod.yaml`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			settings, err := load(command, config.ForAcceptor)
			if err != nil {
				return err
			}
			logger := newLogger(std.err, settings.Logging, slog.LevelInfo)
			options, err := workerOptions(settings, settings.Acceptor.ID, logger)
			if err != nil {
				return err
			}
			oneProcessor()
			warnOfEven(logger, len(settings.Acceptor.Members))
			return worker.RunAcceptor(command.Context(), worker.AcceptorOptions{
				Options:  options,
				Founders: settings.Acceptor.Members,
				Dir:      settings.Acceptor.Data,
			})
		},
	}
	addFlags(command, config.OfAcceptor, config.OfLog, config.OfConnection, config.OfLogging)
	return command
}

// warnOfEven says that an even number of acceptors can lose no more of them than one less can.
func warnOfEven(logger *slog.Logger, members int) {
	if members%2 == 0 {
		logger.Warn("an even number of acceptors can lose no more of them than one less can",
			"members", members, "can_lose", (members-1)/2)
	}
}
