package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
)

func newBench(std streams) *cobra.Command {
	command := &cobra.Command{
		Use:     "bench",
		GroupID: groupUse,
		Short:   "Measure a log: how fast it takes values, answers, and is read",
		Long: `Measures the cluster that runs the log, from here: this machine's processors and its way to the
broker are part of what is measured.

` + benchWarning + `

Ctrl-C stops a measurement and prints what was measured until then.`,
		Example: `  synod bench propose --log bench
  synod bench latency --log bench --rate 1000 --duration 30s
  synod bench read    --log bench`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("bench needs a command: propose, latency or read")
			}
			return usagef("bench has no command %q: propose, latency or read", args[0])
		},
		RunE: func(*cobra.Command, []string) error { return nil }, // Args refuses all
	}
	command.AddCommand(newBenchPropose(std), newBenchLatency(std), newBenchRead(std))
	return command
}

// benchWarning stands in the help of all that propose.
const benchWarning = `What propose and latency propose stays in the log for good, and every reader of it gets it. Measure a
log of its own: workers started with --log bench have one.`

// benchLog is the log that is measured, as it was found.
type benchLog struct {
	settings config.Config
	conn     *nats.Conn
	report   client.StatusReport
}

// openBenchLog connects, and looks at the log. One where nothing can be chosen is not measured.
func openBenchLog(ctx context.Context, settings config.Config) (*benchLog, error) {
	conn, err := connect(settings.NATS, "synod bench")
	if err != nil {
		return nil, err
	}
	conn.SetErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // the report says it
	l := &benchLog{settings: settings, conn: conn}
	if err := l.look(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return l, nil
}

func (l *benchLog) look(ctx context.Context) error {
	observer, err := client.NewObserver(l.conn, l.settings.Log, client.ObserverOptions{
		Prefix: l.settings.Prefix, Window: (&statusShow{settings: l.settings}).window(),
	})
	if err != nil {
		return err
	}
	defer func() { _ = observer.Close() }() // the connection ends with it
	l.report, err = observer.Look(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("interrupted before anything was measured: %w", err)
	case l.report.State == client.Stalled, l.report.State == client.Unseen:
		return benchStalled(l.report)
	}
	return nil
}

// benchStalled says why a log is not measured, in the words of status.
func benchStalled(report client.StatusReport) error {
	lines := []string{report.Verdict}
	for _, next := range report.Next {
		lines = append(lines, "  → "+next)
	}
	return errors.New(strings.Join(lines, "\n"))
}

func (l *benchLog) close() { l.conn.Close() }

// members is how many acceptors the log's membership has, whether they answer or not.
func (l *benchLog) members() int {
	count := 0
	for _, a := range l.report.Acceptors {
		if a.State != client.AcceptorStranger {
			count++
		}
	}
	return count
}

// acceptors is who syncs what is acknowledged: "3 acceptors, each value synced on 2 before its answer".
func (l *benchLog) acceptors() string {
	who := countOf(l.members(), "acceptor")
	if l.report.Voting < l.members() {
		who = fmt.Sprintf("%d of %s", l.report.Voting, who)
	}
	return fmt.Sprintf("%s, each value synced on %d before its answer", who, l.report.Quorum)
}

// end is the highest slot that an acceptor has told. Every value acknowledged by then is in a slot up to
// it [PQR].
func (l *benchLog) end() uint64 {
	end := uint64(0)
	for _, a := range l.report.Acceptors {
		end = max(end, uint64(a.Highest))
	}
	return end
}
