package report

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/synod-log/synod/bench/compare"
	"github.com/synod-log/synod/bench/result"
)

// figures are two rounds in which the machine was not equally fast.
func figures() []result.Row { return figuresOf("2026-01-02 03:04:05 UTC", result.Apart) }

func figuresOf(part, basis string) []result.Row {
	var rows []result.Row
	for round, speed := range map[int]float64{1: 1, 2: 2} {
		add := func(name, load, metric string, value float64) {
			rows = append(rows, result.Row{Part: part, Basis: basis, Round: round, Contestant: name, Workload: load,
				Metric: metric, Value: value})
		}
		add("floor", "sync", "p50_us", 100/speed)
		add("floor", "echo", "p50_us", 50/speed)
		for _, clients := range []int{1, 16, 128, 1024} {
			load := compare.ClosedName(clients, 128)
			for name, factor := range map[string]float64{synod: 5, streamAlways: 1, etcd: 6} {
				add(name, load, "values_per_s", factor*speed*1000*float64(clients))
				add(name, load, "p50_us", 1000/factor/speed)
				add(name, load, "failed", 0)
			}
		}
		add(plainSynod, compare.Killed, "pause_ms", 500)
		add(plainSynod, compare.Killed, "failed", 0)
		add(plainSynod, compare.Killed, "values", 1000)
	}
	return rows
}

func TestGoalsAreJudgedWithinRounds(t *testing.T) {
	want := map[string]verdict{
		"1,024 clients (Go client) over jetstream, always":       reached,    // 5, and 4 are wanted
		"1,024 clients (Go client) over etcd":                    notReached, // 5/6
		"1,024 clients (Go client) over jetstream, default":      notMeasured,
		"one client, p50 over jetstream, always":                 reached, // 0.2
		"one client, p50 over two echoes (four hops) and a sync": reached, // 200 µs over 200 µs
		"kill -9 of the leader: longest pause":                   reached,
		"kill -9 of the leader: plain requests not acknowledged": reached,
		"graceful stop of the leader: longest pause":             notMeasured,
	}
	found := 0
	for _, g := range deployments[0].goals(withFloor(figures())) {
		if verdict, ok := want[g.what]; ok {
			found++
			if g.reached != verdict {
				t.Errorf("%s: %s of %s is %s, want %s", g.what, g.got, g.want, g.reached, verdict)
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d goals found", found, len(want))
	}
}

func TestALostRequestMissesTheGoal(t *testing.T) {
	rows := append(figures(), result.Row{Round: 3, Contestant: plainSynod, Workload: compare.Killed,
		Metric: "failed", Value: 1})
	g := noneGoal(rows, "what", plainSynod, compare.Killed, "values", "failed")
	if g.reached != notReached || g.got != "1 of 2.0 k" {
		t.Errorf("%+v", g)
	}
}

func TestOverloadIsJudgedByItsOwnPeakAndByWhatIsMissing(t *testing.T) {
	rows := figures()
	for round := 1; round <= 2; round++ {
		for metric, value := range map[string]float64{
			"peak_values_per_s": 1000, "goodput_values_per_s": 700 + 100*float64(round), "acknowledged": 5000,
			"lost": float64(round - 1), "repeated": 0,
		} {
			rows = append(rows, result.Row{Basis: result.Apart, Round: round, Contestant: synod,
				Workload: compare.TwicePeak, Metric: metric, Value: value})
		}
	}
	want := map[string]verdict{
		"twice the peak (Go client): goodput over the peak":             reached, // 0.8 and 0.9
		"twice the peak (Go client): acknowledged, not in the log once": notReached,
		"twice the peak (plain requests): goodput over the peak":        notMeasured,
	}
	for _, g := range deployments[0].goals(rows) {
		if verdict, ok := want[g.what]; ok {
			delete(want, g.what)
			if g.reached != verdict {
				t.Errorf("%+v, want %s", g, verdict)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("no goal: %v", want)
	}
	if text := overloadText(rows); !strings.Contains(text, "0.85 (0.80–0.90)") {
		t.Errorf("the table does not have the ratio:\n%s", text)
	}
}

func TestItIsToldWhereSynodIsBehind(t *testing.T) {
	text := strings.Join(behind(figures()), "\n")
	if !strings.Contains(text, peak+": etcd has") {
		t.Errorf("etcd was faster, and it is not told:\n%s", text)
	}
	if strings.Contains(text, "jetstream") {
		t.Errorf("jetstream was slower, and it is told:\n%s", text)
	}
}

func TestGoalsAreJudgedOnEachBasis(t *testing.T) {
	all := figures()
	for _, row := range figuresOf("2026-01-02 03:04:05 UTC", result.Together) {
		if row.Contestant == synod && row.Metric == "values_per_s" {
			row.Value /= 2
		}
		all = append(all, row)
	}
	text := goalsText(withFloor(all))
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| 1,024 clients (Go client) over jetstream, always") {
			cells := strings.Join(strings.Fields(line), " ")
			if !strings.Contains(cells, "| 5 (5–5) × | reached | – | – | 2.50 (2.50–2.50) × | **not reached** |") {
				t.Errorf("apart it is 5 and reached, together 2.5 and not, and the table says\n%s", line)
			}
			return
		}
	}
	t.Errorf("the goal is missing:\n%s", text)
}

func TestPartsAreToldWithTheirDates(t *testing.T) {
	first, second := result.Machine{Date: "2026-01-02", Cores: 2, Settings: "-rounds=5", Skipped: []string{"etcd: no"}},
		result.Machine{Date: "2026-01-03", Cores: 2, Settings: "-add -only=closed"}
	gone := result.Machine{Date: "2026-01-01", Skipped: []string{"raft: no"}}
	rows := figuresOf(first.Date, result.Apart)
	for _, row := range figuresOf(second.Date, result.Together) {
		if row.Workload == peak {
			rows = append(rows, row)
		}
	}
	machines := []result.Machine{gone, first, second}
	text := partsText(rows, machines)
	for _, part := range []string{
		"- 2026-01-02: `go run . compare -rounds=5`, for " + onePut,
		"- 2026-01-03: `go run . compare -add -only=closed`, for " + peak + " in one process\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("it does not say %q:\n%s", part, text)
		}
	}
	if got := strings.Count(text, "Measured on"); got != 1 {
		t.Errorf("one machine is described %d times:\n%s", got, text)
	}
	if got := skipped(rows, machines); len(got) != 1 || got[0] != "2026-01-02: etcd: no" {
		t.Errorf("got %q, want what is shown and could not be measured", got)
	}
}

func TestAReportIsWrittenWithItsPlots(t *testing.T) {
	dir := t.TempDir()
	file, err := result.Create(filepath.Join(dir, compare.ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	machine := result.Here(dir, "-rounds=2")
	for _, row := range figuresOf(machine.Date, result.Apart) {
		if err := file.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	machine.Skipped = []string{"raft: does not start\nbecause"}
	if err := result.SaveMachines(filepath.Join(dir, compare.MachineFile), []result.Machine{machine}); err != nil {
		t.Fatal(err)
	}
	if err := Write(io.Discard, dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"raft: does not start\n", "**not reached**", "(latency-p50.svg)", "7.5 k (5.0 k–10 k)"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the report does not say %q:\n%s", part, text)
		}
	}
	plot, err := os.ReadFile(filepath.Join(dir, "latency-p50.svg"))
	if err != nil {
		t.Fatal(err)
	}
	requireXML(t, string(plot))
	if got := strings.Count(string(plot), "<circle"); got != 12 {
		t.Errorf("the plot has %d points, want four for each of three contestants", got)
	}
}

func requireXML(t *testing.T, text string) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := decoder.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPointLiesBetweenThePowersOfTenAroundIt(t *testing.T) {
	a := newAxis([]float64{20, 3000}, 0, 300)
	for value, want := range map[float64]float64{10: 0, 100: 100, 10_000: 300} {
		if got := a.at(value); got < want-0.01 || got > want+0.01 {
			t.Errorf("%v lies at %v, want %v", value, got, want)
		}
	}
}

func TestFiguresAreWrittenForPeople(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0", 0.333: "0.33", 12.34: "12.3", 999.4: "999", 1234: "1.2 k", 45_678: "46 k", 1_500_000: "1.50 M",
	} {
		if got := number(value); got != want {
			t.Errorf("%v is written %q, want %q", value, got, want)
		}
	}
	for value, want := range map[float64]string{2.5: "2.5 µs", 12: "12 µs", 1500: "1.5 ms", 600_000: "600 ms", 2e6: "2.00 s"} {
		if got := micros(value); got != want {
			t.Errorf("%v µs are written %q, want %q", value, got, want)
		}
	}
}
