package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/testenv/broker"
)

func newDev(std streams) *cobra.Command {
	var port int
	var data string
	command := &cobra.Command{
		Use:     "dev",
		GroupID: groupRun,
		Short:   "Run everything in this process, to try Synod or to develop with it",
		Long: `Runs NATS on loopback, three acceptors, two proposers and a learner in one process, and says when
the log is ready. All of it is the real thing, but for being on one machine.

The log is kept in a temporary directory, removed at the end; with --data it is kept in a directory
of yours and found again the next time.`,
		Example: `  synod dev
  synod dev --port 14222 --data ./synod-data --log-level info`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			settings, err := load(command)
			if err != nil {
				return err
			}
			if port < 0 || port > 65535 {
				return usagef("--port %d is not 0 to 65535", port)
			}
			logger := newLogger(std.err, settings.Logging, slog.LevelWarn)
			d := &dev{settings: settings, std: std, logger: logger, data: data}
			return d.run(command.Context(), port)
		},
	}
	command.Flags().SortFlags = false
	command.Flags().IntVar(&port, "port", 4222, "port of loopback that NATS listens on; 0: a free one")
	command.Flags().StringVar(&data, "data", "", "directory to keep the log in (default: a temporary one)")
	addFlags(command, config.OfLog, config.OfLogging)
	return command
}

// dev is a whole log in one process.
type dev struct {
	settings config.Config
	std      streams
	logger   *slog.Logger
	data     string // "": a temporary directory
	isKept   bool
}

func (d *dev) run(ctx context.Context, port int) (err error) {
	started, err := broker.Start(broker.Options{Port: port})
	if err != nil {
		return fmt.Errorf("%w; stop what listens there, or choose another with --port", err)
	}
	defer started.Shutdown()
	d.settings.NATS = config.NATS{URL: started.URL(), Timeout: d.settings.NATS.Timeout}
	remove, err := d.prepareData()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	members, err := prepare(d.roles(), d.logger)
	if err != nil {
		return err
	}
	workers := startCrew(ctx, members, d.logger)
	defer func() { err = errors.Join(err, workers.stop()) }()
	leader, err := d.awaitLeader(workers.ctx)
	if leader == "" {
		return err
	}
	d.sayReady(leader)
	<-workers.ctx.Done() // a signal, or a worker that failed
	return nil
}

// prepareData makes the directory, and returns what removes it where it is temporary.
func (d *dev) prepareData() (remove func() error, err error) {
	if d.data == "" {
		d.data, err = os.MkdirTemp("", "synod-dev-")
		return func() error { return os.RemoveAll(d.data) }, err
	}
	d.isKept = true
	d.data, err = filepath.Abs(d.data)
	return func() error { return nil }, err
}

func (d *dev) sayReady(leader string) {
	url := d.settings.NATS.URL
	kept := "removed at the end; --data keeps it"
	if d.isKept {
		kept = "kept"
	}
	logFlag := ""
	if d.settings.Log != "main" {
		logFlag = " --log " + d.settings.Log
	}
	fmt.Fprintf(d.std.err, `Log %[1]s is ready at %[2]s: 3 acceptors, 2 proposers (%[3]s leads), 1 learner.
Data: %[4]s (%[5]s)

Try in another terminal:
  synod propose -s %[2]s%[6]s hello
  synod log     -s %[2]s%[6]s --follow
  nats req      -s %[2]s %[7]s.%[1]s.propose hello

Ctrl-C stops it.
`, d.settings.Log, url, leader, d.data, kept, logFlag, d.settings.Prefix)
}
