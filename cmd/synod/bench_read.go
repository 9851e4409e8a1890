package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/link"
)

func newBenchRead(std streams) *cobra.Command {
	b := &benchRead{}
	var output benchOutput
	command := &cobra.Command{
		Use:   "read",
		Short: "Read the log, and tell how fast that goes",
		Long: `Reads from --from to the end that the log had when the command began, as a program does that uses
the client library: from the feed, and from a learner what came before. With --learn it reads
without a learner, as learners do: from the leader, and from acceptors what came before.

Nothing is proposed.

Exit codes:
  0  all was read (also: stopped by Ctrl-C)
  1  failed
  2  the command line or the configuration is wrong
  3  the log could not be read to its end

As JSON: "conditions" in words, "log", "from", "through" (slots; through: the last one read), "values",
"noops", "bytes" (of all values), "seconds", "values_per_s", "bytes_per_s".`,
		Example: `  synod bench read --log bench
  synod bench read --from 1000000 --msgs 100000 --learn`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := errors.Join(b.check(command), output.check()); err != nil {
				return err
			}
			settings, err := load(command)
			if err != nil {
				return err
			}
			return b.measure(command.Context(), settings, std, output)
		},
	}
	addFlags(command, config.OfLog)
	flags := command.Flags()
	flags.Uint64Var(&b.from, "from", 1, "first slot to read")
	flags.Int64Var(&b.slots, "msgs", 0, "how many slots at most (default: to the log's end)")
	flags.BoolVar(&b.learns, "learn", false, "learn in this process, and ask no learner")
	output.addFlags(flags)
	addFlags(command, config.OfConnection, config.OfLogging)
	return command
}

// benchRead measures how fast the log is read.
type benchRead struct {
	from   uint64
	slots  int64 // 0: to the end
	learns bool
}

func (b *benchRead) check(command *cobra.Command) error {
	switch {
	case b.from == 0:
		return usagef("--from 0: slots begin at 1")
	case command.Flags().Changed("msgs") && b.slots < 1:
		return usagef("--msgs %d is below 1", b.slots)
	}
	return nil
}

func (b *benchRead) measure(
	ctx context.Context, settings config.Config, std streams, output benchOutput,
) error {
	if err := output.open(std); err != nil {
		return err
	}
	log, err := openBenchLog(ctx, settings)
	if err != nil {
		return err
	}
	defer log.close()
	through, err := b.through(log)
	if err != nil {
		return err
	}
	reader, err := b.reader(log, newLogger(std.err, settings.Logging, slog.LevelError))
	if err != nil {
		return err
	}
	defer reader.Close()
	r := &benchReadReport{Conditions: b.conditions(log, through), Log: settings.Log, From: b.from}
	if err := output.begin(r.Conditions); err != nil {
		return err
	}
	slots := int64(through - b.from + 1)
	progress := output.startProgress(slots, 0)
	failed := r.read(ctx, reader, through, settings.NATS.Timeout, progress)
	progress.stop()
	if ctx.Err() != nil {
		_ = output.talk.print("stopped; this is what was measured until then\n")
	}
	if err := output.tell(r, r.text); err != nil {
		return err
	}
	return failed
}

// through is the last slot to read.
func (b *benchRead) through(log *benchLog) (uint64, error) {
	name, end := log.settings.Log, log.end()
	switch {
	case end == 0:
		return 0, fmt.Errorf("log %s has no value yet; propose some with `synod bench propose --log %s`",
			name, name)
	case b.from > end:
		return 0, fmt.Errorf("log %s ends at slot %d, before --from %d; give an earlier one", name, end, b.from)
	case !b.learns && len(log.report.Learners) == 0:
		return 0, fmt.Errorf("log %s has no learner to read from; start one with `synod learner --id l1 "+
			"--log %s`, or read without with --learn", name, name)
	case b.slots > 0 && uint64(b.slots) <= end-b.from:
		return b.from + uint64(b.slots) - 1, nil
	}
	return end, nil
}

func (b *benchRead) reader(log *benchLog, logger *slog.Logger) (*client.Client, error) {
	options := client.Options{Prefix: log.settings.Prefix}
	if b.learns {
		connection, err := connectionOptions(log.settings.NATS)
		if err != nil {
			return nil, err
		}
		options.Learn = &link.Options{URL: log.settings.NATS.URL, NATS: connection, Logger: logger}
	}
	return client.New(log.conn, log.settings.Log, options)
}

func (b *benchRead) conditions(log *benchLog, through uint64) string {
	how := "from the feed and a learner"
	if b.learns {
		how = "counting the votes of " + countOf(log.members(), "acceptor")
	}
	return fmt.Sprintf("reading slots %d to %d of log %s, %s", b.from, through, log.settings.Log, how)
}
