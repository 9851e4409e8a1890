package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

func newLog(std streams) *cobra.Command {
	var from, to uint64
	var follow bool
	var format string
	command := &cobra.Command{
		Use:     "log",
		GroupID: groupUse,
		Short:   "Print the log, in order and without a hole",
		Long: `Prints every slot from --from on, and ends at the end that the log had when the command began: it
asks a majority of acceptors, so that every value acknowledged before is printed. With --follow it
goes on with what is chosen from then on.

As JSON each slot is a line: {"slot":7,"value":"hello","time":"…"}, "value_base64" in place of a
value that is not UTF-8, and "noop":true where the slot holds nothing. -o raw writes the values
alone, each with a newline after it.`,
		Example: `  synod log
  synod log --from 1000 --to 1999 -o raw
  synod log --follow | jq -r .value`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkRange(from, to, format); err != nil {
				return err
			}
			settings, err := load(command)
			if err != nil {
				return err
			}
			r := &reading{
				settings: settings, from: paxos.Slot(from), to: paxos.Slot(to), follow: follow,
				printer: newPrinter(std.out, format), endKnown: make(chan struct{}),
			}
			if err := r.open(newLogger(std.err, settings.Logging, slog.LevelError)); err != nil {
				return err
			}
			defer r.close()
			return r.run(command.Context())
		},
	}
	addFlags(command, config.OfLog)
	command.Flags().Uint64Var(&from, "from", 1, "first slot to print")
	command.Flags().Uint64Var(&to, "to", 0, "last slot to print (default: the log's end)")
	command.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what is chosen from now on")
	command.Flags().StringVarP(&format, "output", "o", formatJSON, "json or raw")
	addFlags(command, config.OfConnection, config.OfLogging)
	return command
}

func checkRange(from, to uint64, format string) error {
	switch {
	case from == 0:
		return usagef("--from 0: slots begin at 1")
	case to != 0 && to < from:
		return usagef("--to %d is below --from %d", to, from)
	case format != formatJSON && format != formatRaw:
		return usagef("-o %s is not one of json, raw", format)
	}
	return nil
}

// open connects, and makes a learner that will print what it learns.
func (r *reading) open(logger *slog.Logger) error {
	conn, err := connect(r.settings.NATS, "synod log")
	if err != nil {
		return err
	}
	options, err := connectionOptions(r.settings.NATS)
	if err != nil {
		conn.Close()
		return err
	}
	r.conn = conn
	r.learner, err = client.NewLearner(client.LearnerOptions{
		Conn:   link.Options{URL: r.settings.NATS.URL, NATS: options},
		Prefix: r.settings.Prefix, Log: r.settings.Log, From: r.from,
		Timing: r.settings.Timing.Ticks(link.Tick), Limits: r.settings.Limits, Logger: logger,
	})
	if err != nil {
		conn.Close()
	}
	return err
}

func (r *reading) close() {
	r.learner.Close()
	r.conn.Close()
}
