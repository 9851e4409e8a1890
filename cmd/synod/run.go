package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/paxos"
)

func newRun(std streams) *cobra.Command {
	command := &cobra.Command{
		Use:     "run [FILE]",
		GroupID: groupRun,
		Short:   "Run several roles in this process: a node of a small cluster",
		Long: `Runs an acceptor, a proposer and a learner in one process, or those of them that are named. Each is
a worker of its own, with its own connection, as if it ran alone; only when the process dies, all
its roles die at once.

FILE is what --config gives elsewhere. Its sections name a role of each kind,

  acceptor: {id: a1, members: [a1, a2, a3], data: /var/lib/synod/a1}
  proposer: {id: p1}

or the list of roles names any number, also of several logs:

  roles:
    - acceptor: a1
      members: [a1, a2, a3]
      data: /var/lib/synod/a1
    - proposer: p1
    - learner: l1
      log: orders

What an item does not say is as the rest of the file has it; flags and variables win over both.

Told to stop, proposers stop first (a leader hands over while its own acceptor still votes), then
learners, then acceptors. When a role fails, all stop in that order, and the process ends with the
error of the one that failed.`,
		Example: `  synod run node1.yaml
  synod run --acceptor a1 --members a1,a2,a3 --data ./a1 --proposer p1 --learner l1
  SYNOD_ACCEPTOR_ID=a3 SYNOD_PROPOSER_ID=p3 synod run node.yaml`,
		Args: atMostOneFile,
		RunE: func(command *cobra.Command, files []string) error {
			if len(files) > 0 {
				if err := command.Flags().Set("config", files[0]); err != nil {
					return err
				}
			}
			settings, err := load(command, config.ForRoles)
			if err != nil {
				return err
			}
			if err := refuseIdleFlags(command, settings.Roles); err != nil {
				return err
			}
			logger := newLogger(std.err, settings.Logging, slog.LevelInfo)
			return runRoles(command.Context(), settings.Roles, logger)
		},
	}
	addFlags(command, config.OfRoles, config.OfLog, config.OfConnection, config.OfLogging)
	return command
}

func atMostOneFile(command *cobra.Command, args []string) error {
	switch {
	case len(args) > 1:
		return usagef("one file says what to run, and %d are given", len(args))
	case len(args) == 1 && command.Flags().Changed("config"):
		return usagef("the file is given twice: leave out --config")
	}
	return nil
}

// refuseIdleFlags refuses flags that are about a role which does not run: its own was forgotten.
func refuseIdleFlags(command *cobra.Command, roles []config.Role) error {
	runs := make(map[paxos.RoleKind]bool)
	for _, role := range roles {
		runs[role.Kind()] = true
	}
	for _, needs := range []struct {
		flag string
		kind paxos.RoleKind
		role string
	}{
		{"members", paxos.RoleAcceptor, "an acceptor: give --acceptor"},
		{"data", paxos.RoleAcceptor, "an acceptor: give --acceptor"},
		{"from", paxos.RoleLearner, "a learner: give --learner"},
	} {
		if command.Flags().Changed(needs.flag) && !runs[needs.kind] {
			return usageError{fmt.Errorf("--%s is for %s too", needs.flag, needs.role)}
		}
	}
	return nil
}
