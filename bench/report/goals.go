package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/synod-log/synod/bench/compare"
	"github.com/synod-log/synod/bench/result"
)

// goal is a figure that Synod is to reach.
type goal struct {
	what    string
	want    string
	got     string
	reached verdict
}

type verdict string

const (
	reached     verdict = "reached"
	notReached  verdict = "**not reached**"
	notMeasured verdict = "not measured"
)

// judge compares a figure with a bound; atLeast says from which side.
func judge(value, bound float64, atLeast bool) verdict {
	switch {
	case math.IsNaN(value):
		return notMeasured
	case value == bound, (value > bound) == atLeast:
		return reached
	}
	return notReached
}

// Names that results are filed under.
const (
	synod         = "synod"
	plainSynod    = "synod, plain requests"
	streamDefault = "jetstream, default"
	streamAlways  = "jetstream, always"
	etcd          = "etcd"
)

// Loads that goals are about.
var (
	onePut     = compare.ClosedName(1, 128)
	peak       = compare.ClosedName(1024, 128)
	pipelined  = compare.PipelinedName(128)
	batched    = compare.BatchedName(128)
	batched16  = compare.BatchedName(16)
	following1 = compare.FollowingName(1)
	following  = compare.FollowingName(50)
	shortLog   = compare.LogName(100_000)
	longLog    = compare.LogName(10_000_000)
)

// fourHops is the floor of one value at a time: it goes from the client to the leader and to an acceptor, and
// its answers back, through a broker each time, and is synced once.
const fourHops = "two echoes and a sync"

// goals are all goals, as far as they were measured on a basis. They are the same, in the same order, on each.
func goals(basis string, rows []result.Row) []goal {
	all := ratioGoals(rows)
	summaries := result.Summarise(rows)
	rate := summaries.Of(synod, batched16, "values_per_s")
	all = append(all, goal{"16 B, batched by the client, values/s", "≥ 1.50 M", spread(rate),
		judge(rate.Median, 1.5e6, true)})
	// atMost takes bounds in microseconds, of a figure of which one is so many.
	atMost := func(what, of, workload, metric string, most, one float64) {
		s := summaries.Of(of, workload, metric)
		got := micros(s.Median * one)
		if s.Rounds > 1 {
			got += fmt.Sprintf(" (%s–%s)", micros(s.Min*one), micros(s.Max*one))
		}
		all = append(all, goal{what, "≤ " + micros(most), got, judge(s.Median*one, most, false)})
	}
	cpu := "servers_cpu_us_per_value"
	if basis == result.Together {
		cpu = "process_cpu_us_per_value"
	}
	atMost("processor time a value, 1,024 plain requests", plainSynod, peak, cpu, 12, 1)
	atMost("processor time a value, batched 128 B", synod, batched, cpu, 3, 1)
	atMost("kill -9 of the leader: longest pause", plainSynod, compare.Killed, "pause_ms", 600_000, 1000)
	atMost("graceful stop of the leader: longest pause", plainSynod, compare.Stopped, "pause_ms", 20_000, 1000)
	all = append(all, lostGoal(rows, summaries))
	atMost("10 M values in the log: restart of an acceptor", synod, longLog, "restart_ms", 2e6, 1000)
	return all
}

// ratioGoals are those that compare what was measured in the same round.
func ratioGoals(rows []result.Row) []goal {
	var all []goal
	ratio := func(what string, of, to result.Key, bound float64, atLeast bool) {
		s, sign := result.Ratios(rows, of, to), "≤"
		if atLeast {
			sign = "≥"
		}
		got := none
		if s.Rounds > 0 {
			got = spread(s) + " ×"
		}
		all = append(all, goal{what, fmt.Sprintf("%s %s ×", sign, number(bound)), got,
			judge(s.Median, bound, atLeast)})
	}
	faster := func(what, of, to, workload string, bound float64) {
		ratio(what+" over "+to, result.Key{Contestant: of, Workload: workload, Metric: "values_per_s"},
			result.Key{Contestant: to, Workload: workload, Metric: "values_per_s"}, bound, true)
	}
	for _, way := range []struct{ name, what string }{
		{synod, "1,024 clients (Go client)"}, {plainSynod, "1,024 clients (plain requests)"},
	} {
		faster(way.what, way.name, streamAlways, peak, 4)
		faster(way.what, way.name, streamDefault, peak, 1.5)
		faster(way.what, way.name, etcd, peak, 8)
	}
	for _, load := range []string{pipelined, batched} {
		faster(load, synod, streamAlways, load, 10)
		faster(load, synod, streamDefault, load, 4)
	}
	p50 := result.Key{Contestant: synod, Workload: onePut, Metric: "p50_us"}
	always := result.Key{Contestant: streamAlways, Workload: onePut, Metric: "p50_us"}
	floor := result.Key{Contestant: result.Floor, Workload: fourHops, Metric: "p50_us"}
	ratio("one client, p50 over "+streamAlways, p50, always, 0.6, false)
	ratio("one client, p50 over two echoes (four hops) and a sync", p50, floor, 1.3, false)
	few := result.Key{Contestant: synod, Workload: following1, Metric: "keepers_cpu_us_per_value"}
	many := result.Key{Contestant: synod, Workload: following, Metric: few.Metric}
	ratio("acceptors' processor time, 50 learners over 1", many, few, 1.1, false)
	short := result.Key{Contestant: synod, Workload: shortLog, Metric: "memory_mib"}
	long := result.Key{Contestant: synod, Workload: longLog, Metric: short.Metric}
	ratio("acceptors' memory, 10 M values in the log over 100 k", long, short, 1.2, false)
	return all
}

// lostGoal is that no plain request is lost when the leader is killed.
func lostGoal(rows []result.Row, summaries result.Summaries) goal {
	g := goal{"kill -9 of the leader: plain requests not acknowledged", "0", none, notMeasured}
	if summaries.Of(plainSynod, compare.Killed, "failed").Rounds == 0 {
		return g
	}
	failed := result.Sum(rows, plainSynod, compare.Killed, "failed")
	g.got = fmt.Sprintf("%.0f of %s", failed, number(result.Sum(rows, plainSynod, compare.Killed, "values")))
	g.reached = judge(failed, 0, false)
	return g
}

// withFloor adds what four hops and a sync take in each round.
func withFloor(rows []result.Row) []result.Row {
	sums := make(map[result.Row]float64) // by a row that has no value yet
	for _, row := range rows {
		if row.Contestant != result.Floor {
			continue
		}
		value := row.Value
		if row.Workload == "echo" {
			value *= 2
		}
		row.Workload, row.Value = fourHops, 0
		sums[row] += value
	}
	for row, sum := range sums {
		row.Value = sum
		rows = append(rows, row)
	}
	return rows
}

// behind are the loads in which a peer had more values a second, or a shorter pause, than the better of
// Synod's ways.
func behind(rows []result.Row) []string {
	summaries := result.Summarise(rows)
	var all []string
	for _, name := range workloads(rows, "values_per_s") {
		if !slices.Contains([]string{"closed", "pipelined", "batched"}, strings.Split(name, ",")[0]) {
			continue // the load sets how many values come
		}
		own, peer, who := best(rows, summaries, name, "values_per_s", true)
		if peer > own {
			all = append(all, fmt.Sprintf("%s: %s has %s values/s, Synod %s", name, who, number(peer), number(own)))
		}
	}
	for _, metric := range []string{"p50_us", "p99_us"} {
		for _, name := range []string{onePut, compare.HalfPeak} {
			own, peer, who := best(rows, summaries, name, metric, false)
			if peer < own {
				all = append(all, fmt.Sprintf("%s, %s: %s has %s, Synod %s", name, metric[:3], who,
					micros(peer), micros(own)))
			}
		}
	}
	for _, name := range []string{compare.Killed, compare.Stopped} {
		own, peer, who := best(rows, summaries, name, "pause_ms", false)
		if peer < own {
			all = append(all, fmt.Sprintf("%s: %s pauses for %s ms, Synod for %s ms", name, who, number(peer),
				number(own)))
		}
	}
	return all
}

// best is the best median of Synod's ways and of the peers. Not a number where there is none.
func best(
	rows []result.Row, summaries result.Summaries, workload, metric string, more bool,
) (own, peer float64, who string) {
	own, peer = math.NaN(), math.NaN()
	isBetter := func(a, b float64) bool {
		return !math.IsNaN(a) && (math.IsNaN(b) || (a > b) == more && a != b)
	}
	for _, name := range contestants(rows) {
		median := summaries.Of(name, workload, metric).Median
		if isSynod(name) {
			if isBetter(median, own) {
				own = median
			}
		} else if isBetter(median, peer) {
			peer, who = median, name
		}
	}
	return own, peer, who
}
