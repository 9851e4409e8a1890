package main

import (
	"github.com/spf13/cobra"

	"github.com/synod-log/synod/store"
)

func newStore(std streams) *cobra.Command {
	command := &cobra.Command{
		Use:     "store",
		GroupID: groupOperate,
		Short:   "Look into an acceptor's store: what is in it, and whether it is sound",
		Long: `Looks into the directory that an acceptor keeps its part of the log in, without starting it and
without changing a byte. It may be used while the acceptor runs.`,
		Args: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("store needs a command: inspect or check")
			}
			return usagef("store has no command %q: inspect or check", args[0])
		},
		RunE: func(*cobra.Command, []string) error { return nil }, // Args refuses all
	}
	command.AddCommand(newStoreInspect(std), newStoreCheck(std))
	return command
}

func newStoreInspect(std streams) *cobra.Command {
	return storeCommand(std, &cobra.Command{
		Use:   "inspect DIR",
		Short: "Tell what is in a store: whose it is, what it promised, how far it is",
		Long: `Tells whose store DIR is, which membership it belongs to, what it promised, how far it has settled,
and what its segments hold. It reads all of it, changes nothing, and takes no lock.

As JSON: "dir", "in_use", "log", "acceptor", "store", "boot", "membership" ("epoch", "tag", "members"),
"free_to_vote", "promised", "settled", "highest", "records", "segments" ("file", "bytes", "used",
"records"), "verdict" (sound, torn or damaged), "torn", "damage".`,
		Example: `  synod store inspect /var/lib/synod/a1
  synod store inspect ./a1 -o json | jq .settled`,
	}, func(s screen, found store.Inspection) error {
		return s.print(s.inspectionText(found))
	})
}

func newStoreCheck(std streams) *cobra.Command {
	return storeCommand(std, &cobra.Command{
		Use:   "check DIR",
		Short: "Read a whole store, verify every checksum, and tell what is wrong",
		Long: `Reads every record of the store in DIR, verifies each checksum and that nothing is missing, and tells
what is wrong, where, and what to do. It goes on behind damage, with the next segment. It changes
nothing, and takes no lock.

Exit codes:
  0  sound
  1  torn: a batch that was never acknowledged was cut off by a crash; the next start discards it
  2  damaged: its acceptor does not start (also: the command line is wrong)
  3  it could not be checked: DIR is no store, cannot be read, or is of a later version

With -o json it tells what inspect tells: "verdict" is sound, torn or damaged.`,
		Example: `  synod store check /var/lib/synod/a1
  synod store check ./a1 || echo "do not start it"`,
	}, func(s screen, found store.Inspection) error {
		return s.print(s.checkText(found))
	})
}

// storeCommand completes a command that inspects one store, and tells what it found as people read
// it by show. Of the two, check ends with a code that tells what it found.
func storeCommand(
	std streams, command *cobra.Command, show func(screen, store.Inspection) error,
) *cobra.Command {
	var format string
	isCheck := command.Name() == "check"
	command.Args = oneStore
	command.RunE = func(_ *cobra.Command, args []string) error {
		if format != formatTable && format != formatJSON {
			return usagef("-o %s is not one of table, json", format)
		}
		found, err := store.Inspect(args[0])
		if err != nil && isCheck {
			return unknown{err}
		}
		if err != nil {
			return err
		}
		s := newScreen(std.out)
		if format == formatJSON {
			err = s.printJSON(storeReportOf(found))
		} else {
			err = show(s, found)
		}
		if err == nil && isCheck {
			return verdictCodes[verdictOf(found)].found()
		}
		return err
	}
	command.Flags().StringVarP(&format, "output", "o", formatTable, "table or json")
	return command
}

func oneStore(command *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usagef("%s needs the directory of a store", command.CommandPath())
	case len(args) > 1:
		return usagef("%s takes one directory, and was given %q too", command.CommandPath(), args[1])
	}
	return nil
}

// What a store is found to be.
const (
	verdictSound   = "sound"
	verdictTorn    = "torn"
	verdictDamaged = "damaged"
)

var verdictCodes = map[string]exitCode{verdictSound: 0, verdictTorn: 1, verdictDamaged: 2}

func verdictOf(found store.Inspection) string {
	switch {
	case len(found.Damage) > 0:
		return verdictDamaged
	case found.Torn != nil:
		return verdictTorn
	}
	return verdictSound
}
