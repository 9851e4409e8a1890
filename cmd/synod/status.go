package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
)

// formatTable is for people: words and aligned columns.
const formatTable = "table"

// The exit codes of status, which its help tells.
var stateCodes = map[client.State]exitCode{
	client.Healthy: 0, client.Degraded: 1, client.Stalled: 2, client.Unseen: 3,
}

// exitCode is a code that a command ends with when all is said: what it found, not a failure.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("ended with exit code %d", int(e)) }

// found is the error that ends the process with a code; nil for 0.
func (e exitCode) found() error {
	if e == exitDone {
		return nil
	}
	return e
}

func newStatus(std streams) *cobra.Command {
	var format string
	var isWatching bool
	command := &cobra.Command{
		Use:     "status",
		GroupID: groupOperate,
		Short:   "Tell how a log is: whether it makes progress, who is missing, what to do",
		Long: `Listens for a second or two to what the log's workers say of themselves, asks them for more, and tells
how the log is: a verdict, what to do next, and each worker. It needs nothing but NATS.

With --watch it goes on. On a terminal it redraws, else it writes the verdict again and again, a
line each (with -o json the whole report, a line each).

Exit codes:
  0  healthy
  1  degraded: values are chosen, and something needs attention
  2  stalled: nothing can be chosen now (also: the command line or the configuration is wrong)
  3  not known: NATS is not reached, or lets nothing be heard

As JSON, besides the verdict in words: "state" (healthy, degraded, stalled, unseen), "next", "leader",
"ballot", "voting", "quorum", "can_lose", "epoch", "tag", and "acceptors" ("state" is voting, waiting,
missing, lost store, twice or stranger), "proposers", "learners", "clients".`,
		Example: `  synod status
  synod status --watch
  synod status -o json | jq -r .verdict
  synod status > /dev/null || echo "look at it"`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if format != formatTable && format != formatJSON {
				return usagef("-o %s is not one of table, json", format)
			}
			settings, err := load(command)
			if err != nil {
				return err
			}
			s := statusShow{settings: settings, screen: newScreen(std.out), format: format}
			return s.run(command.Context(), isWatching)
		},
	}
	addFlags(command, config.OfLog)
	command.Flags().StringVarP(&format, "output", "o", formatTable, "table or json")
	command.Flags().BoolVarP(&isWatching, "watch", "w", false, "go on until it is stopped")
	addFlags(command, config.OfConnection)
	return command
}

// statusShow shows reports of a log.
type statusShow struct {
	settings config.Config
	screen   screen
	format   string
}

func (s *statusShow) run(ctx context.Context, isWatching bool) error {
	conn, err := connect(s.settings.NATS, "synod status")
	var usage usageError
	if errors.As(err, &usage) {
		return err
	}
	if err != nil {
		return s.once(client.Judge(client.StatusFacts{Log: s.settings.Log, Blind: err.Error()}))
	}
	defer conn.Close()
	conn.SetErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // the report says it
	observer, err := client.NewObserver(conn, s.settings.Log, client.ObserverOptions{
		Prefix: s.settings.Prefix, Window: s.window(),
	})
	if err != nil {
		return err
	}
	defer func() { _ = observer.Close() }() // the connection ends with it
	if isWatching {
		return s.watch(ctx, observer)
	}
	report, err := observer.Look(ctx)
	if err != nil {
		return err
	}
	return s.once(report)
}

// window is long enough to hear a hello of each worker; 0, the observer's own, where the settings
// do not say how often they say it.
func (s *statusShow) window() time.Duration {
	return s.settings.Timing.Hello * 5 / 4
}

// once shows a report, and ends with its code.
func (s *statusShow) once(report client.StatusReport) error {
	if err := s.show(report); err != nil {
		return err
	}
	return stateCodes[report.State].found()
}

func (s *statusShow) show(report client.StatusReport) error {
	if s.format == formatJSON {
		return s.screen.printJSON(report)
	}
	return s.screen.print(s.screen.statusText(report))
}

// watch shows report after report until ctx ends.
func (s *statusShow) watch(ctx context.Context, observer *client.Observer) error {
	if s.screen.isTerminal && s.format == formatTable {
		if err := s.screen.clear(); err != nil {
			return err
		}
	}
	for {
		report, err := observer.Look(ctx)
		if err != nil {
			return nil // told to stop
		}
		if err := s.showNext(report, time.Now()); err != nil {
			return err
		}
	}
}

func (s *statusShow) showNext(report client.StatusReport, now time.Time) error {
	switch {
	case s.format == formatJSON:
		data, err := json.Marshal(report)
		if err != nil {
			return err
		}
		return s.screen.print(string(data) + "\n")
	case s.screen.isTerminal:
		return s.screen.redraw(s.screen.statusText(report) + "\n" +
			s.screen.dim(now.Format(time.TimeOnly)+"   Ctrl-C ends it") + "\n")
	}
	return s.screen.print(now.UTC().Format(time.RFC3339) + " " + report.Verdict + "\n")
}
