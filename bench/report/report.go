// Package report makes RESULTS.md and its plots of what was measured.
package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/synod-log/synod/bench/compare"
	"github.com/synod-log/synod/bench/result"
)

// Write reads the results in dir, writes RESULTS.md and the plots there, and the report to w.
func Write(w io.Writer, dir string) error {
	rows, err := result.Read(filepath.Join(dir, compare.ResultsFile))
	if err != nil {
		return err
	}
	machines, err := result.ReadMachines(filepath.Join(dir, compare.MachineFile))
	if err != nil {
		return err
	}
	rows = withFloor(result.Newest(rows))
	var plots []string
	for _, p := range allPlots(result.On(result.Apart, rows)) {
		if p.isEmpty() {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, p.file), []byte(p.svg()), 0o644); err != nil {
			return err
		}
		plots = append(plots, fmt.Sprintf("![%s](%s)\n", p.title, p.file))
	}
	text := compose(rows, machines, plots)
	if err := os.WriteFile(filepath.Join(dir, "RESULTS.md"), []byte(text), 0o644); err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// compose is the text of RESULTS.md.
func compose(all []result.Row, machines []result.Machine, plots []string) string {
	rows := result.On(result.Apart, all)
	var b strings.Builder
	section := func(heading, text string) { fmt.Fprintf(&b, "## %s\n\n%s\n", heading, text) }
	fmt.Fprintf(&b, "# Synod beside its peers\n\n%s\n", partsText(all, machines))
	section("How it was measured", method)
	section("Goals", goalsText(all))
	section("Where Synod is behind", list(behind(rows), "Nowhere in this run, as far as it was measured."))
	section("Values a second", matrix(rows, "values_per_s", spread))
	section("Latency", latencyText(rows))
	section("Processor time of the servers, in µs a value (seconds a million)",
		matrix(rows, "servers_cpu_us_per_value", spread))
	section("Processor time of the clients, in µs a value", matrix(rows, "clients_cpu_us_per_value", spread))
	section("Messages through the brokers, a value", matrix(rows, "broker_messages_per_value", spread))
	section("Bytes through the brokers, a value", matrix(rows, "broker_bytes_per_value", spread))
	section("Twice the peak", overloadText(rows))
	section("Interruptions", interruptionsText(rows))
	section("Followers", followersText(rows))
	section("A longer log", growthText(rows))
	section("The floor", floorText(rows))
	section("In one process", togetherText(result.On(result.Together, all)))
	section("Values that were not acknowledged", failedText(all))
	section("Not measured", list(skipped(all, machines), "Nothing was skipped."))
	if len(plots) > 0 {
		section("Plots", strings.Join(plots, "\n"))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func list(lines []string, otherwise string) string {
	if len(lines) == 0 {
		return otherwise + "\n"
	}
	var b strings.Builder
	for _, line := range lines {
		first, _, _ := strings.Cut(line, "\n")
		fmt.Fprintf(&b, "- %s\n", first)
	}
	return b.String()
}

// order is in which contestants and loads are shown: as they were first measured, Synod first.
func order(rows []result.Row, of func(result.Row) (string, bool)) []string {
	var all []string
	for _, row := range rows {
		if name, ok := of(row); ok && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// contestants are all that were measured, Synod's ways first.
func contestants(rows []result.Row) []string {
	all := order(rows, func(r result.Row) (string, bool) { return r.Contestant, r.Contestant != result.Floor })
	slices.SortStableFunc(all, func(a, b string) int {
		return rank(a) - rank(b)
	})
	return all
}

func rank(name string) int {
	if isSynod(name) {
		return 0
	}
	return 1
}

// isSynod reports whether a contestant is one of Synod's ways.
func isSynod(name string) bool { return name == synod || strings.HasPrefix(name, synod+", ") }

// workloads are all of which a metric was measured.
func workloads(rows []result.Row, metric string) []string {
	return order(rows, func(r result.Row) (string, bool) {
		return r.Workload, r.Metric == metric && r.Contestant != result.Floor
	})
}

// matrix shows a metric of all loads and contestants.
func matrix(rows []result.Row, metric string, write func(result.Summary) string) string {
	summaries := result.Summarise(rows)
	var names []string
	for _, name := range contestants(rows) {
		if slices.ContainsFunc(rows, func(r result.Row) bool { return r.Contestant == name && r.Metric == metric }) {
			names = append(names, name)
		}
	}
	t := table{heading: append([]string{""}, names...)}
	for _, load := range workloads(rows, metric) {
		cells := []string{load}
		for _, name := range names {
			cells = append(cells, write(summaries.Of(name, load, metric)))
		}
		t.add(cells...)
	}
	return t.String()
}
