package main

import (
	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
)

const (
	groupRun     = "run"
	groupUse     = "use"
	groupOperate = "operate"
	groupConfig  = "config"
)

func newRoot(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "synod",
		Short: "A replicated log by Paxos, over the NATS you already run",
		Long: `Synod is a replicated log: a value is acknowledged once a majority of acceptors has it on disk,
and every reader gets the same values in the same order. Its parts are separate processes that
talk over core NATS.

Start with ` + "`synod dev`" + `: it runs everything in one process and prints what to try.

A setting comes from the first that has it: a flag, its SYNOD_… variable, the variable that the
nats tool knows it by (NATS_URL, NATS_CREDS, …), the file given with --config, its default.

Exit codes:
  0    done
  1    failed; the error says what to do
  2    the command line or the configuration is wrong; nothing was done
  3    the outcome is not known: a value was not acknowledged (it may yet be chosen), or the log
       could not be read to its end
  130  stopped at once, by a second signal`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Run:"},
		&cobra.Group{ID: groupUse, Title: "Use:"},
		&cobra.Group{ID: groupOperate, Title: "Operate:"},
		&cobra.Group{ID: groupConfig, Title: "Config:"},
	)
	root.SetHelpCommandGroupID(groupConfig)
	root.SetCompletionCommandGroupID(groupConfig)
	root.PersistentFlags().String("config", "", "configuration file, in YAML (default: SYNOD_CONFIG)")
	root.AddCommand(newDev(std), newAcceptor(std), newProposer(std), newLearner(std), newRun(std),
		newPropose(std), newLog(std), newBench(std), newStatus(std), newStore(std), newVersion(std))
	return root
}

// addFlags adds the flags that set the settings of these groups.
func addFlags(command *cobra.Command, groups ...string) {
	command.Flags().SortFlags = false
	for _, group := range groups {
		config.AddFlags(command.Flags(), group)
	}
}

// noArgs refuses arguments: cobra's own would take them for unknown commands.
func noArgs(command *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes flags alone, and was given %q", command.CommandPath(), args[0])
	}
	return nil
}
