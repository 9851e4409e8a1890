package report

import (
	"fmt"
	"math"

	"github.com/synod-log/synod/bench/compare"
	"github.com/synod-log/synod/bench/result"
)

// allPlots are the plots of what was measured; one with nothing measured is empty.
func allPlots(rows []result.Row) []plot {
	summaries := result.Summarise(rows)
	return []plot{
		latencyPlot(rows, summaries, "p50_us", "p50"),
		latencyPlot(rows, summaries, "p99_us", "p99"),
		growthPlot(rows, summaries, "growth-memory.svg", "Memory of a keeper", "MiB", "memory_mib"),
		growthPlot(rows, summaries, "growth-restart.svg", "Restart of a keeper", "ms", "restart_ms"),
		growthPlot(rows, summaries, "growth-read.svg", "Reading back", "values/s", "read_values_per_s"),
		followersPlot(rows, summaries),
	}
}

// latencyPlot has a line for each contestant, from one client to 1,024.
func latencyPlot(rows []result.Row, summaries result.Summaries, metric, name string) plot {
	p := plot{file: "latency-" + name + ".svg", x: "values/s", y: name + ", ms",
		title: "Throughput and latency: 1, 16, 128 and 1,024 closed-loop clients, 128 B"}
	for _, contestant := range contestants(rows) {
		l := line{name: contestant}
		for _, clients := range []int{1, 16, 128, 1024} {
			load := compare.ClosedName(clients, 128)
			l.add(summaries.Of(contestant, load, "values_per_s").Median,
				summaries.Of(contestant, load, metric).Median/1000, load)
		}
		p.add(l)
	}
	return p
}

// growthPlot has a line for each contestant, over the length of the log.
func growthPlot(rows []result.Row, summaries result.Summaries, file, title, unit, metric string) plot {
	p := plot{file: file, title: title + ", by the length of the log", x: "values in the log, 128 B", y: unit}
	for _, contestant := range contestants(rows) {
		l := line{name: contestant}
		for _, load := range workloads(rows, metric) {
			var values float64
			if _, err := fmt.Sscanf(load, "log of %f values", &values); err == nil {
				l.add(values, summaries.Of(contestant, load, metric).Median, load)
			}
		}
		p.add(l)
	}
	return p
}

// followersPlot has a line for each contestant, over how many follow.
func followersPlot(rows []result.Row, summaries result.Summaries) plot {
	const metric = "keepers_cpu_us_per_value"
	p := plot{file: "followers.svg", title: "Processor time of those that keep the log, by how many follow",
		x: "followers", y: "µs a value"}
	for _, contestant := range contestants(rows) {
		l := line{name: contestant}
		for _, load := range workloads(rows, metric) {
			var followers float64
			if _, err := fmt.Sscanf(load, "%f follower", &followers); err == nil {
				l.add(followers, summaries.Of(contestant, load, metric).Median, load)
			}
		}
		p.add(l)
	}
	return p
}

// add adds a point that was measured. A logarithm has no place for zero.
func (l *line) add(x, y float64, note string) {
	if x > 0 && y > 0 && !math.IsNaN(x) && !math.IsNaN(y) {
		l.points = append(l.points, point{x, y, fmt.Sprintf("%s: %s, %s", note, number(x), number(y))})
	}
}

func (p *plot) add(l line) {
	if len(l.points) > 0 {
		p.lines = append(p.lines, l)
	}
}
