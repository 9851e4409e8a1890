package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
)

func newBenchLatency(std streams) *cobra.Command {
	b := &benchProposing{size: 128, batch: 1}
	var output benchOutput
	command := &cobra.Command{
		Use:   "latency",
		Short: "Propose values at a steady rate, and tell how long each takes",
		Long: `Values begin at fixed times, --rate a second, whether those before were acknowledged or not, and a
latency counts from the time that its value was to begin: a pause of the log is seen by every value
that falls into it, as it would be by users who do not wait for each other.

Beside it stand how late the values began, which is in their latency and due to this machine's
timers, or to a window that is full; and the round trip to the broker, measured before: a value
takes two of those or more, and a sync.

It ends early where a value has no answer for --timeout.

` + benchWarning + `

` + benchCodes + `

` + benchJSON + `
"schedule" has "rate", "due" and "begun" (values), "kept", "late_us" and "round_trip_us" (as "latency_us").`,
		Example: `  synod bench latency --log bench
  synod bench latency --log bench --rate 5000 --duration 1m --size 1KiB`,
		Args: noArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := b.checkRate(); err != nil {
				return err
			}
			return b.measure(command, std, output)
		},
	}
	addFlags(command, config.OfLog)
	flags := command.Flags()
	flags.Float64Var(&b.rate, "rate", 1000, "how many values begin in a second, of all clients together")
	flags.DurationVar(&b.duration, "duration", 10*time.Second, "for how long")
	flags.Var(&b.size, "size", "how large a value is")
	flags.IntVar(&b.clients, "clients", 1, "how many propose, each at its share of the rate")
	flags.IntVar(&b.connections, "connections", 0, connectionsUsage)
	output.addCSVFlag(flags)
	output.addFlags(flags)
	addFlags(command, config.OfConnection)
	return command
}

// mostRate is beyond what one machine proposes.
const mostRate = 10_000_000

func (b *benchProposing) checkRate() error {
	if !(b.rate > 0 && b.rate <= mostRate) { // NaN is neither
		return usagef("--rate %g is not above 0 and up to %s", b.rate, grouped(mostRate))
	}
	if b.duration <= 0 {
		return usagef("--duration %v is not above 0", b.duration)
	}
	return nil
}

// schedule is the times at which one client's values begin.
type schedule struct {
	first    time.Time
	interval float64 // in seconds
	end      time.Time
}

func (s schedule) due(n int64) time.Time {
	return s.first.Add(time.Duration(float64(n) * s.interval * float64(time.Second)))
}

// before is how many values are due before a time, of those before the end.
func (s schedule) before(t time.Time) int64 {
	if t.After(s.end) {
		t = s.end
	}
	return max(0, int64(math.Ceil(t.Sub(s.first).Seconds()/s.interval)))
}

// openLoop begins values when they are due, answered or not those before, until the end. A latency counts
// from when its value was due.
func (l *benchLoad) openLoop(ctx context.Context, number int, m *meter) {
	interval := float64(l.clients) / l.rate
	s := schedule{interval: interval, end: l.began.Add(l.duration)}
	s.first = l.began.Add(time.Duration(interval * float64(time.Second) * float64(number) / float64(l.clients)))
	m.late = newLatency()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	p := l.pipe(number, m, stop)
	for m.begun < s.before(s.end) {
		due := s.due(m.begun)
		if sleepUntil(ctx, due); ctx.Err() != nil || time.Now().After(s.end) {
			break
		}
		if !p.send(due) {
			break
		}
		m.late.add(time.Since(due))
		m.begun++
	}
	m.due = max(m.begun, s.before(time.Now()))
	p.finish()
}

// sleepUntil sleeps until a time, or until ctx ends. The runtime's timers are up to a millisecond late,
// which is longer than a value may take: the last of it is slept by the kernel's, where there is one.
func sleepUntil(ctx context.Context, due time.Time) {
	const last = 2 * time.Millisecond
	if early := time.Until(due); early > last {
		rest(ctx, early-last)
	}
	for ctx.Err() == nil && time.Now().Before(due) {
		sleepPrecisely(time.Until(due))
	}
}

// benchSchedule is how an open loop kept to its times, as JSON.
type benchSchedule struct {
	Rate      float64       `json:"rate"`
	Due       int64         `json:"due"`   // values that were to begin
	Begun     int64         `json:"begun"` // and those that did
	IsKept    bool          `json:"kept"`
	Late      latencyReport `json:"late_us"`
	RoundTrip latencyReport `json:"round_trip_us"`
}

// keptFrom is the part of the values due that must have begun.
const keptFrom = 0.99

func (l *benchLoad) scheduleReport(all *meter) *benchSchedule {
	return &benchSchedule{
		Rate: l.rate, Due: all.due, Begun: all.begun,
		IsKept: float64(all.begun) >= keptFrom*float64(all.due),
		Late:   latencyReportOf(all.late), RoundTrip: latencyReportOf(l.roundTrip),
	}
}

// text says that the rate was not kept.
func (s *benchSchedule) text() string {
	return fmt.Sprintf("the rate was not kept: %s of %s began in time; the others are in no latency",
		grouped(s.Begun), countOf(s.Due, "value"))
}

// roundTrips measures the way to the broker and back, for a second at most.
func roundTrips(conn *nats.Conn) (*latency, error) {
	const most = 100
	all := newLatency()
	for until := time.Now().Add(time.Second); all.count() < most && time.Now().Before(until); {
		took, err := conn.RTT()
		if err != nil {
			return nil, fmt.Errorf("the round trip to the broker: %w", err)
		}
		all.add(took)
	}
	return all, nil
}
