package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
)

func newBenchPropose(std streams) *cobra.Command {
	b := &benchProposing{size: 128}
	var output benchOutput
	command := &cobra.Command{
		Use:   "propose",
		Short: "Propose values as fast as they are acknowledged",
		Long: `Each client proposes a value, waits until it is acknowledged, that is, until a majority of acceptors
has it on disk, and proposes the next. How many values that makes a second depends on how many
clients wait together: they share messages, syncs and answers.

  --batch N    each client proposes N values at once, and waits for all of them
  --pipelined  the clients do not wait: 16,384 values are on their way all the time; it ends where one
               has no answer for --timeout
  --plain      requests with the raw value, as any NATS client makes them, one message for each value

` + benchWarning + `

` + benchCodes + `

` + benchJSON,
		Example: `  synod bench propose --log bench
  synod bench propose --log bench --clients 1 --duration 10s
  synod bench propose --log bench --clients 4 --batch 200 --size 1KiB --msgs 1000000`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if !command.Flags().Changed("msgs") && b.duration > 0 {
				b.values = 0 // until the time is over
			}
			return b.measure(command, std, output)
		},
	}
	addFlags(command, config.OfLog)
	flags := command.Flags()
	flags.IntVar(&b.clients, "clients", 16, "how many propose at once")
	flags.IntVar(&b.connections, "connections", 0, connectionsUsage)
	flags.Int64Var(&b.values, "msgs", 100_000,
		"how many values, of all clients together (no bound where --duration alone is given)")
	flags.DurationVar(&b.duration, "duration", 0, "for how long at most (default: until all are proposed)")
	flags.Var(&b.size, "size", "how large a value is")
	flags.IntVar(&b.batch, "batch", 1, "how many values a client proposes at once")
	flags.BoolVar(&b.isPipelined, "pipelined", false, "do not wait: keep the window full")
	flags.BoolVar(&b.isPlain, "plain", false, "make plain NATS requests")
	flags.DurationVar(&b.sleep, "sleep", 0, "how long each client rests after an answer")
	output.addCSVFlag(flags)
	output.addFlags(flags)
	addFlags(command, config.OfConnection)
	return command
}

const (
	benchCodes = `Exit codes:
  0  every value proposed was acknowledged (also: stopped by Ctrl-C)
  1  failed, or a value was refused
  2  the command line or the configuration is wrong; nothing was done
  3  some values were not acknowledged, and may yet be chosen`

	benchJSON = `Percentiles are within 1 %. As JSON: "conditions" in words, "log", "clients", "connections", "bytes" (of
a value), "acceptors", "quorum", "acknowledged", "unknown" and "refused" (values, by why), "seconds",
"values_per_s", "bytes_per_s", and "latency_us" ("min", "p50", "p90", "p99", "p99_9", "max").`

	connectionsUsage = "how many connections they share (default: one each, up to 16)"

	// mostClients bounds memory: each client has a meter, a goroutine and its values.
	mostClients = 10_000
	// connectionsUnasked is how many connections are made where nobody says how many.
	connectionsUnasked = 16
)

// benchProposing measures how fast values are acknowledged.
type benchProposing struct {
	clients, connections int
	values               int64         // how many at most; 0: no bound
	duration             time.Duration // how long at most; 0: no bound
	size                 byteSize
	batch                int // values of a call
	isPipelined, isPlain bool
	sleep                time.Duration
	rate                 float64 // how many values begin in a second; 0: as many as are acknowledged
}

func (b *benchProposing) check(command *cobra.Command) error {
	if b.connections == 0 {
		b.connections = min(b.clients, connectionsUnasked)
	}
	switch {
	case b.isPipelined && b.isPlain, b.batch != 1 && (b.isPipelined || b.isPlain):
		return usagef("--batch, --pipelined and --plain are different ways to propose: give one of them")
	case b.isPipelined && b.sleep != 0:
		return usagef("--sleep is a rest after an answer, and --pipelined does not wait for answers")
	case b.clients < 1 || b.clients > mostClients:
		return usagef("--clients %d is not 1 to %s", b.clients, grouped(mostClients))
	case b.connections < 1 || b.connections > b.clients:
		return usagef("--connections %d is not 1 to --clients (%d)", b.connections, b.clients)
	case b.batch < 1 || b.batch > benchWindow:
		return usagef("--batch %d is not 1 to %s", b.batch, grouped(benchWindow))
	case command.Flags().Changed("msgs") && b.values < 1:
		return usagef("--msgs %d is below 1", b.values)
	case b.duration < 0 || b.sleep < 0:
		return usagef("--duration and --sleep are not below 0")
	}
	return nil
}

// measure proposes to the log that the command line names, and tells how it went.
func (b *benchProposing) measure(command *cobra.Command, std streams, output benchOutput) error {
	if err := errors.Join(b.check(command), output.check()); err != nil {
		return err
	}
	settings, err := load(command)
	if err != nil {
		return err
	}
	log, err := openBenchLog(command.Context(), settings)
	if err != nil {
		return err
	}
	defer log.close()
	load, err := openBenchLoad(log, b)
	if err != nil {
		return err
	}
	defer load.close()
	if err := output.open(std); err != nil {
		return err
	}
	defer output.close()
	return load.tell(command.Context(), output)
}

// tell runs the load, and tells how it went.
func (l *benchLoad) tell(ctx context.Context, output benchOutput) error {
	conditions := l.conditions(l.log)
	if err := output.begin(conditions); err != nil {
		return err
	}
	l.progress = output.startProgress(l.values, l.duration)
	meters := l.run(ctx)
	l.progress.stop()
	if ctx.Err() != nil {
		_ = output.talk.print("stopped; this is what was measured until then\n")
	}
	all := newMeter()
	for _, m := range meters {
		all.merge(m)
	}
	report := l.report(conditions, all)
	if err := output.tell(report, report.text); err != nil {
		return err
	}
	if err := output.writeCSV(l.began, int(l.size), meters); err != nil {
		return err
	}
	return benchEnd(all, l.log.settings.Log)
}

// conditions are all that a figure means nothing without, in words.
func (b *benchProposing) conditions(log *benchLog) string {
	howMuch := "values"
	if b.values > 0 {
		howMuch = countOf(b.values, "value")
	}
	howMuch += " of " + b.size.String()
	switch {
	case b.rate > 0:
		howMuch = fmt.Sprintf("%s values of %s a second, for %v", numberText(b.rate), b.size.String(), b.duration)
	case b.duration > 0:
		howMuch += fmt.Sprintf(", for %v at most", b.duration)
	}
	return fmt.Sprintf("proposing %s, which stay in log %s; %s over %s, %s; %s", howMuch,
		log.settings.Log, countOf(b.clients, "client"), countOf(b.connections, "connection"), b.way(),
		log.acceptors())
}

// way says what a client does.
func (b *benchProposing) way() string {
	switch {
	case b.rate > 0:
		return "none waits for its answers"
	case b.isPipelined:
		return grouped(benchWindow) + " values on their way"
	case b.isPlain:
		return "each waits for its plain request"
	case b.batch > 1:
		return fmt.Sprintf("each waits for %s values", grouped(b.batch))
	}
	return "each waits for its value"
}

// answered is what the latencies are of.
func (b *benchProposing) answered() string {
	if b.batch > 1 {
		return fmt.Sprintf("%s values", grouped(b.batch))
	}
	return "a value"
}
