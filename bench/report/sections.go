package report

import (
	"fmt"
	"slices"

	"github.com/synod-log/synod/bench/compare"
	"github.com/synod-log/synod/bench/result"
)

// method is what holds for every run.
const method = `Medians over all rounds, and in brackets the least and the most. In each round the contestants run one after
another, on the same disk, with empty stores, and the order rotates; ratios are taken within a round. Each
broker, worker and member is a process of its own, and the clients share this program's, unless it says "in
one process": there all of a contestant share one, its clients too. Either way they talk over TCP on loopback,
over at most 16 connections of clients that are spread over all brokers or members. A closed loop's client waits
for its value before the next; the open loop counts a latency from when the value was to begin, whatever became
of those before.

| contestant | copies | synced before a value is acknowledged |
|---|---|---|
| synod: the Go client | 3 acceptors, 2 proposers, 1 learner, 3 brokers | yes |
| synod, plain requests: any NATS client | the same | yes |
| synod, three nodes: ` + "`synod run`" + `, a1 and p1, a2 and p2, a3 and l1 in one process each | the same | yes |
| jetstream, default: a stream on file, R3 | 3 brokers | no: every two minutes |
| jetstream, always: ` + "`sync_interval: always`" + ` | 3 brokers | yes |
| etcd: a key for each value | 3 members | yes |
| raft: hashicorp/raft and raft-wal over TCP, behind a small front of ours | 3 members | yes |
| raft, no client hop: loads run inside the leader's process | the same | yes |

Pipelined is one goroutine on one connection, with as many values on their way as the client's default allows
(16,384 for Synod, 4,000 for JetStream; 1,024 concurrent puts for etcd, 16,384 for raft). Batched is eight calls at
a time on one connection, of 1,000 values each: ProposeAll for Synod, an atomic batch for JetStream, transactions
of 128 puts for etcd. A batched latency is that of a whole call. raft takes 1,024 entries in a message instead of
its default of 64; everything else has its defaults. All brokers have ` + "`no_fast_producer_stall`" + `. The servers'
processor time of "raft, no client hop" includes its load.
`

func goalsText(rows []result.Row) string {
	t := table{heading: []string{"", "goal"}}
	var lines [][]string
	for i, d := range deployments {
		t.heading = append(t.heading, d.heading, "")
		for k, g := range d.goals(rows) {
			if i == 0 {
				lines = append(lines, []string{g.what, g.want})
			}
			if g.reached == notMeasured && i > 0 { // much is asked of the first alone
				g.reached = none
			}
			lines[k] = append(lines[k], g.got, string(g.reached))
		}
	}
	for _, line := range lines {
		t.add(line...)
	}
	return t.String() + "\nIn one process, processor time is that of the clients too; else of brokers and workers alone.\n"
}

// togetherText is what was measured in one process.
func togetherText(rows []result.Row) string {
	if len(rows) == 0 {
		return "Not measured in this run.\n"
	}
	p50 := matrix(rows, "p50_us", func(s result.Summary) string { return micros(s.Median) })
	p99 := matrix(rows, "p99_us", func(s result.Summary) string { return micros(s.Median) })
	return "All brokers, workers or members of a contestant and its clients share a process, and its processors: what\n" +
		"one costs that wakes another is a switch of goroutines, not of processes. Each message still goes through a\n" +
		"socket.\n\nValues a second:\n\n" + matrix(rows, "values_per_s", spread) +
		"\nHalf of the values are acknowledged within (p50):\n\n" + p50 +
		"\nAll but one in a hundred (p99):\n\n" + p99 +
		"\nProcessor time of the whole process, clients included, in µs a value:\n\n" +
		matrix(rows, "process_cpu_us_per_value", spread) +
		"\nWhere Synod is behind:\n\n" + list(behind(rows), "Nowhere, as far as it was measured.") +
		"\nThe floor, with both sides of the echo and its broker in one process:\n\n" + floorTable(rows).String()
}

func latencyText(rows []result.Row) string {
	half := func(metric string) string {
		return matrix(rows, metric, func(s result.Summary) string { return micros(s.Median) })
	}
	summaries := result.Summarise(rows)
	open := table{heading: []string{compare.HalfPeak, "values/s", "p50", "p99", "p99.9", "most"}}
	for _, name := range contestants(rows) {
		cells := []string{name, number(summaries.Of(name, compare.HalfPeak, "values_per_s").Median)}
		for _, metric := range []string{"p50_us", "p99_us", "p999_us", "max_us"} {
			cells = append(cells, micros(summaries.Of(name, compare.HalfPeak, metric).Median))
		}
		open.add(cells...)
	}
	return "Half of the values are acknowledged within (p50):\n\n" + half("p50_us") +
		"\nAll but one in a hundred (p99):\n\n" + half("p99_us") + "\n" + open.String()
}

func overloadText(rows []result.Row) string {
	t := table{heading: []string{"", "peak, values/s", "acknowledged meanwhile, values/s", "of the peak", "offered",
		"acknowledged", "refused", "unknown", "held back", "lost", "repeated", "memory, MiB", "at most"}}
	summaries := result.Summarise(rows)
	for _, name := range contestants(rows) {
		of := func(metric string) result.Summary { return summaries.Of(name, compare.TwicePeak, metric) }
		goodput := result.Key{Contestant: name, Workload: compare.TwicePeak, Metric: "goodput_values_per_s"}
		peak := result.Key{Contestant: name, Workload: compare.TwicePeak, Metric: "peak_values_per_s"}
		cells := []string{name, number(of(peak.Metric).Median), number(of(goodput.Metric).Median),
			spread(result.Ratios(rows, goodput, peak))}
		for _, metric := range []string{"offered", "acknowledged", "refused", "unknown", "held_back"} {
			cells = append(cells, number(of(metric).Median))
		}
		for _, metric := range []string{"lost", "repeated"} {
			cells = append(cells, countOf(rows, name, metric))
		}
		t.add(append(cells, number(of("memory_before_mib").Median), number(of("memory_most_mib").Max))...)
	}
	return overloadMethod + "\n" + t.String()
}

// countOf adds up what should be none, over all rounds.
func countOf(rows []result.Row, name, metric string) string {
	if result.Summarise(rows).Of(name, compare.TwicePeak, metric).Rounds == 0 {
		return none
	}
	return number(result.Sum(rows, name, compare.TwicePeak, metric))
}

const overloadMethod = `The peak is the most values a second that were acknowledged just before: to 1,024 closed-loop clients, or to an
open loop, whose rate is doubled until the contestant does not keep up. Then values of 128 B that all differ begin
at twice that rate, for some seconds, over 16 connections, whatever became of those before. How many are on their
way is bounded as the client's library has it by default: 16,384 a connection for Synod's Go client, 4,000 for
JetStream's; plain requests and etcd's are not. Each is given up five seconds after it began.
Medians; lost, repeated and the most memory are of all rounds.

- Refused: the contestant said that it does not take the value now. Unknown: it was given up, and may have been stored.
- Held back: its turn did not come before the end, since the client had no room, or the generator no processor.
- Lost: acknowledged, and not there when all of the log was read back afterwards. Repeated: there more than once.
- Memory: resident, of all of the contestant's processes, brokers too, before and at most meanwhile.
`

func interruptionsText(rows []result.Row) string {
	summaries := result.Summarise(rows)
	t := table{heading: []string{"", "", "times", "longest pause, median", "least", "most", "not acknowledged"}}
	for _, load := range workloads(rows, "pause_ms") {
		for _, name := range contestants(rows) {
			s := summaries.Of(name, load, "pause_ms")
			if s.Rounds == 0 {
				continue
			}
			t.add(load, name, fmt.Sprint(s.Rounds), micros(s.Median*1000), micros(s.Min*1000), micros(s.Max*1000),
				fmt.Sprintf("%.0f of %s", result.Sum(rows, name, load, "failed"),
					number(result.Sum(rows, name, load, "values"))))
		}
	}
	return "A value of 128 B begins every two milliseconds, and none is repeated; the pause is the longest between two\n" +
		"acknowledgements, whoever gets them. JetStream's leader is a broker, so that its clients lose a connection\n" +
		"too; Synod's leader is not, and its broker is killed apart. What was not acknowledged may have been stored.\n\n" +
		t.String()
}

func followersText(rows []result.Row) string {
	summaries := result.Summarise(rows)
	t := table{heading: []string{"", "", "keepers' processor time, µs a value", "all servers'", "p50", "p99"}}
	for _, load := range workloads(rows, "keepers_cpu_us_per_value") {
		for _, name := range contestants(rows) {
			s := summaries.Of(name, load, "keepers_cpu_us_per_value")
			if s.Rounds == 0 {
				continue
			}
			t.add(load, name, spread(s), spread(summaries.Of(name, load, "servers_cpu_us_per_value")),
				micros(summaries.Of(name, load, "p50_us").Median), micros(summaries.Of(name, load, "p99_us").Median))
		}
	}
	return "Keepers have the log on disk: Synod's acceptors, JetStream's brokers. Synod's followers are learner\n" +
		"processes beside the usual one, and count as servers; JetStream's are ordered consumers in the client.\n\n" +
		t.String()
}

func growthText(rows []result.Row) string {
	summaries := result.Summarise(rows)
	t := table{heading: []string{"", "", "filled, values/s", "memory of a keeper, MiB", "restarted in",
		"memory then, MiB", "read back, values/s"}}
	for _, load := range workloads(rows, "restart_ms") {
		for _, name := range contestants(rows) {
			of := func(metric string) float64 { return summaries.Of(name, load, metric).Median }
			if summaries.Of(name, load, "restart_ms").Rounds == 0 {
				continue
			}
			t.add(load, name, number(of("filled_values_per_s")), number(of("memory_mib")),
				micros(of("restart_ms")*1000), number(of("memory_after_restart_mib")), number(of("read_values_per_s")))
		}
	}
	return "A keeper that does not lead is killed and started again; it is back when it takes part and has caught up.\n" +
		"Read back by the Go client of each, from the first value on.\n\n" + t.String()
}

func floorText(rows []result.Row) string {
	return "Before each round: 128 B written into blocks that were written before, and synced (fdatasync); a request of\n" +
		"128 B to another process and its reply, through one broker. The medians of each round:\n\n" +
		floorTable(rows).String()
}

func floorTable(rows []result.Row) *table {
	summaries := result.Summarise(rows)
	t := &table{heading: []string{"", "median", "least", "most"}}
	for _, probe := range []string{"sync", "echo", fourHops} {
		s := summaries.Of(result.Floor, probe, "p50_us")
		t.add(probe, micros(s.Median), micros(s.Min), micros(s.Max))
	}
	return t
}

// failedText tells the loads in which values were not acknowledged.
func failedText(all []result.Row) string {
	lines := failedIn(result.On(result.Apart, all), "")
	lines = append(lines, failedIn(result.On(result.Together, all), ", in one process")...)
	return list(lines, "None, but for the interruptions.")
}

func failedIn(rows []result.Row, where string) (lines []string) {
	for _, load := range workloads(rows, "failed") {
		if slices.Contains([]string{compare.Killed, compare.Stopped, compare.BrokerKilled}, load) {
			continue
		}
		for _, name := range contestants(rows) {
			if failed := result.Sum(rows, name, load, "failed"); failed > 0 {
				lines = append(lines, fmt.Sprintf("%s, %s%s: %.0f", load, name, where, failed))
			}
		}
	}
	return lines
}
