package main

import (
	"fmt"
	"strings"
	"time"
)

// benchReport is a measurement of proposing as JSON. Its names are a promise to whoever parses them.
type benchReport struct {
	Conditions   string            `json:"conditions"` // in words
	Log          string            `json:"log"`
	Clients      int               `json:"clients"`
	Connections  int               `json:"connections"`
	Bytes        int               `json:"bytes"` // of a value
	Acceptors    int               `json:"acceptors"`
	Quorum       int               `json:"quorum"`
	Acknowledged int64             `json:"acknowledged"`
	Unknown      map[failure]int64 `json:"unknown"` // values that may yet be chosen, by why
	Refused      map[failure]int64 `json:"refused"` // values that will not be
	Seconds      float64           `json:"seconds"` // until the last was answered, or given up
	PerSecond    float64           `json:"values_per_s"`
	BytesPerS    float64           `json:"bytes_per_s"`
	Latency      latencyReport     `json:"latency_us"`
	Schedule     *benchSchedule    `json:"schedule,omitempty"` // of an open loop

	took time.Duration
	rows []latencyRow // for people
}

// latencyReport is how long things took, in microseconds.
type latencyReport struct {
	Min  int64 `json:"min"`
	P50  int64 `json:"p50"`
	P90  int64 `json:"p90"`
	P99  int64 `json:"p99"`
	P999 int64 `json:"p99_9"`
	Max  int64 `json:"max"`
}

func latencyReportOf(l *latency) latencyReport {
	return latencyReport{
		Min: l.least.Microseconds(), P50: l.at(50).Microseconds(), P90: l.at(90).Microseconds(),
		P99: l.at(99).Microseconds(), P999: l.at(99.9).Microseconds(), Max: l.longest.Microseconds(),
	}
}

func (r latencyReport) all() []int64 { return []int64{r.Min, r.P50, r.P90, r.P99, r.P999, r.Max} }

// latencyRow is a line of the table of latencies.
type latencyRow struct {
	what string
	of   *latency
}

// latencyTable is nothing where nothing was recorded.
func latencyTable(rows []latencyRow) *table {
	t := &table{head: []string{"LATENCY", "MIN>", "P50>", "P90>", "P99>", "P99.9>", "MAX>"}}
	for _, row := range rows {
		if row.of.count() == 0 {
			continue
		}
		cells := []cell{plain(row.what)}
		for _, took := range []time.Duration{row.of.least, row.of.at(50), row.of.at(90), row.of.at(99),
			row.of.at(99.9), row.of.longest} {
			cells = append(cells, plain(tookText(took)))
		}
		t.add(cells...)
	}
	return t
}

// took is how long a client proposed, until its last value was acknowledged or given up.
func (m *meter) took(began time.Time) time.Duration {
	if m.last.IsZero() {
		return 0
	}
	return m.last.Sub(began)
}

// report is what a load has measured, of all its clients.
func (l *benchLoad) report(conditions string, all *meter) *benchReport {
	took := all.took(l.began)
	r := &benchReport{
		Conditions: conditions, Log: l.log.settings.Log, Clients: l.clients, Connections: l.connections,
		Bytes: int(l.size), Acceptors: l.log.members(), Quorum: l.log.report.Quorum,
		Acknowledged: all.acknowledged, Unknown: make(map[failure]int64), Refused: make(map[failure]int64),
		Seconds: took.Seconds(), PerSecond: perSecond(all.acknowledged, took),
		BytesPerS: perSecond(all.acknowledged*int64(l.size), took), Latency: latencyReportOf(all.answers),
		took: took, rows: []latencyRow{{l.answered(), all.answers}},
	}
	if l.rate > 0 {
		r.Schedule = l.scheduleReport(all)
		r.rows = append(r.rows, latencyRow{"of it, begun late", all.late},
			latencyRow{"round trip to the broker", l.roundTrip})
	}
	for kind, count := range all.failures {
		if kind.isFinal() {
			r.Refused[kind] = count
		} else {
			r.Unknown[kind] = count
		}
	}
	return r
}

// text is the result for people.
func (r *benchReport) text(s screen) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s acknowledged in %s   %s\n", s.bold(countOf(r.Acknowledged, "value")),
		tookText(r.took), s.bold(rateText(r.Acknowledged, r.Acknowledged*int64(r.Bytes), r.took)))
	writeFailures(&text, s, "not acknowledged, and may yet be chosen", r.Unknown)
	writeFailures(&text, s, "never to be chosen", r.Refused)
	if r.Schedule != nil && !r.Schedule.IsKept {
		text.WriteString(s.yellow(r.Schedule.text()) + "\n")
	}
	if lines := latencyTable(r.rows).lines(s); lines != "" {
		text.WriteString("\n" + lines)
	}
	return text.String()
}

// writeFailures tells how many values were not acknowledged: "3 values not acknowledged, and may yet
// be chosen: 1 had no answer in time, 2 found …".
func writeFailures(text *strings.Builder, s screen, what string, counts map[failure]int64) {
	total := int64(0)
	var parts []string
	for _, f := range failures {
		if count := counts[f.kind]; count > 0 {
			total += count
			parts = append(parts, grouped(count)+" "+f.words)
		}
	}
	if total > 0 {
		text.WriteString(s.red(fmt.Sprintf("%s %s: %s", countOf(total, "value"), what,
			strings.Join(parts, ", "))) + "\n")
	}
}

// benchEnd is the error that a measurement ends with, once all of it is told: its exit code is that of
// the worst that happened to a value.
func benchEnd(all *meter, log string) error {
	if all.refusal != nil {
		return fmt.Errorf("a value was refused: %w", all.refusal)
	}
	others := int64(0)
	for _, count := range all.failures {
		others += count
	}
	if others == 0 {
		return nil
	}
	return unknown{fmt.Errorf("%s not acknowledged; `synod status --log %s` tells how the log is",
		countOf(others, "value"), log)}
}
