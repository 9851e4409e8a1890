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
	nodes         = "synod, three nodes"
	plainNodes    = "synod, three nodes, plain requests"
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

// deployment is a way of running Synod that is held against all goals.
type deployment struct {
	heading   string
	basis     string
	goClient  string // what results of the Go client are filed under
	plain     string // and of plain requests
	processor string // the metric of its processor time
}

var deployments = []deployment{
	{"a process each", result.Apart, synod, plainSynod, "servers_cpu_us_per_value"},
	{"three nodes", result.Apart, nodes, plainNodes, "servers_cpu_us_per_value"},
	{"in one process", result.Together, synod, plainSynod, "process_cpu_us_per_value"},
}

// goals are all goals, as far as they were measured of a deployment. They are the same, in the same order, for
// each.
func (d deployment) goals(all []result.Row) []goal {
	rows := result.On(d.basis, all)
	goals := d.ratioGoals(rows)
	summaries := result.Summarise(rows)
	rate := summaries.Of(d.goClient, batched16, "values_per_s")
	goals = append(goals, goal{"16 B, batched by the client, values/s", "≥ 1.50 M", spread(rate),
		judge(rate.Median, 1.5e6, true)})
	// atMost takes bounds in microseconds, of a figure of which one is so many.
	atMost := func(what, of, workload, metric string, most, one float64) {
		s := summaries.Of(of, workload, metric)
		got := micros(s.Median * one)
		if s.Rounds > 1 {
			got += fmt.Sprintf(" (%s–%s)", micros(s.Min*one), micros(s.Max*one))
		}
		goals = append(goals, goal{what, "≤ " + micros(most), got, judge(s.Median*one, most, false)})
	}
	atMost("processor time a value, 1,024 plain requests", d.plain, peak, d.processor, 12, 1)
	atMost("processor time a value, batched 128 B", d.goClient, batched, d.processor, 3, 1)
	atMost("kill -9 of the leader: longest pause", d.plain, compare.Killed, "pause_ms", 600_000, 1000)
	atMost("graceful stop of the leader: longest pause", d.plain, compare.Stopped, "pause_ms", 20_000, 1000)
	goals = append(goals,
		noneGoal(rows, "kill -9 of the leader: plain requests not acknowledged", d.plain, compare.Killed,
			"values", "failed"),
		noneGoal(rows, "twice the peak (Go client): acknowledged, not in the log once", d.goClient, compare.TwicePeak,
			"acknowledged", "lost", "repeated"),
		noneGoal(rows, "twice the peak (plain requests): acknowledged, not in the log once", d.plain,
			compare.TwicePeak, "acknowledged", "lost", "repeated"))
	atMost("10 M values in the log: restart of an acceptor", d.goClient, longLog, "restart_ms", 2e6, 1000)
	return goals
}

// ratioGoals are those that compare what was measured in the same round.
func (d deployment) ratioGoals(rows []result.Row) []goal {
	var goals []goal
	ratio := func(what string, of, to result.Key, bound float64, atLeast bool) {
		s, sign := result.Ratios(rows, of, to), "≤"
		if atLeast {
			sign = "≥"
		}
		got := none
		if s.Rounds > 0 {
			got = spread(s) + " ×"
		}
		goals = append(goals, goal{what, fmt.Sprintf("%s %s ×", sign, number(bound)), got,
			judge(s.Median, bound, atLeast)})
	}
	faster := func(what, of, to, workload string, bound float64) {
		ratio(what+" over "+to, result.Key{Contestant: of, Workload: workload, Metric: "values_per_s"},
			result.Key{Contestant: to, Workload: workload, Metric: "values_per_s"}, bound, true)
	}
	ways := []struct{ name, what string }{{d.goClient, "Go client"}, {d.plain, "plain requests"}}
	for _, way := range ways {
		what := "1,024 clients (" + way.what + ")"
		faster(what, way.name, streamAlways, peak, 4)
		faster(what, way.name, streamDefault, peak, 1.5)
		faster(what, way.name, etcd, peak, 8)
	}
	for _, load := range []string{pipelined, batched} {
		faster(load, d.goClient, streamAlways, load, 10)
		faster(load, d.goClient, streamDefault, load, 4)
	}
	p50 := result.Key{Contestant: d.goClient, Workload: onePut, Metric: "p50_us"}
	always := result.Key{Contestant: streamAlways, Workload: onePut, Metric: "p50_us"}
	floor := result.Key{Contestant: result.Floor, Workload: fourHops, Metric: "p50_us"}
	ratio("one client, p50 over "+streamAlways, p50, always, 0.6, false)
	ratio("one client, p50 over two echoes (four hops) and a sync", p50, floor, 1.3, false)
	for _, way := range ways {
		goodput := result.Key{Contestant: way.name, Workload: compare.TwicePeak, Metric: "goodput_values_per_s"}
		peak := result.Key{Contestant: way.name, Workload: compare.TwicePeak, Metric: "peak_values_per_s"}
		ratio("twice the peak ("+way.what+"): goodput over the peak", goodput, peak, 0.75, true)
	}
	few := result.Key{Contestant: d.goClient, Workload: following1, Metric: "keepers_cpu_us_per_value"}
	many := result.Key{Contestant: d.goClient, Workload: following, Metric: few.Metric}
	ratio("acceptors' processor time, 50 learners over 1", many, few, 1.1, false)
	short := result.Key{Contestant: d.goClient, Workload: shortLog, Metric: "memory_after_restart_mib"}
	long := result.Key{Contestant: d.goClient, Workload: longLog, Metric: short.Metric}
	ratio("memory of a restarted acceptor, 10 M values in the log over 100 k", long, short, 1.2, false)
	return goals
}

// noneGoal is that of so many values none is of these kinds.
func noneGoal(rows []result.Row, what, of, workload, values string, kinds ...string) goal {
	g := goal{what, "0", none, notMeasured}
	sum := 0.0
	for _, kind := range kinds {
		if result.Summarise(rows).Of(of, workload, kind).Rounds == 0 {
			return g
		}
		sum += result.Sum(rows, of, workload, kind)
	}
	g.got = fmt.Sprintf("%.0f of %s", sum, number(result.Sum(rows, of, workload, values)))
	g.reached = judge(sum, 0, false)
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
