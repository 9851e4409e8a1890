package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/testenv/broker"
)

// exampleReport has one of everything.
func exampleReport() client.StatusReport {
	ago := int64(41_000)
	now := int64(12)
	return client.StatusReport{
		Log: "main", State: client.Degraded,
		Verdict: "main: making progress; 2 of 3 acceptors, p1 leads (ballot 7); can lose none; " +
			"missing a2 (last heard 41 s ago)",
		Next: []string{"start a2 again"},
		Acceptors: []client.AcceptorStatus{
			{ID: "a1", State: client.AcceptorVoting, Store: "7f3a0c11", Boot: 3, Promised: "7.p1",
				Settled: 1041, Highest: 1042, LastHeard: &now},
			{ID: "a2", State: client.AcceptorMissing, Store: "0b2c4d6e", LastHeard: &ago},
			{ID: "a3", State: client.AcceptorMissing, Store: "99aa0c11"},
		},
		Proposers: []client.ProposerStatus{
			{ID: "p1", State: "leading", Ballot: "7.p1", Learned: 1042, Held: 7, Flight: 2},
			{ID: "p2", State: "starting", Waiting: "waiting for the acceptors"},
		},
		Learners: []client.LearnerStatus{{ID: "l1", Learned: 1042, Delivered: 42, Lag: 1000}},
		Clients:  2,
	}
}

func TestAStatusIsDrawnForPeople(t *testing.T) {
	const want = `main: making progress; 2 of 3 acceptors, p1 leads (ballot 7); can lose none; missing a2 (last heard 41 s ago)
  → start a2 again

ACCEPTOR  STATE    SETTLED  HIGHEST  PROMISED  LAST HEARD  STORE     BOOT
a1        voting      1041     1042  7.p1      now         7f3a0c11     3
a2        missing        -        -  -         41 s ago    0b2c4d6e     -
a3        missing        -        -  -         never       99aa0c11     -

PROPOSER  STATE     BALLOT  LEARNED  HELD  IN FLIGHT
p1        leading   7.p1       1042     7          2
p2        starting  -             0     0          0  waiting for the acceptors

LEARNER  DELIVERED   LAG
l1              42  1000

2 client libraries follow the log.
`
	if got := (screen{}).statusText(exampleReport()); got != want {
		t.Errorf("drawn\n%s\nwant\n%s", got, want)
	}
}

func TestColoursMoveNothing(t *testing.T) {
	plain := screen{}.statusText(exampleReport())
	coloured := screen{isColoured: true}.statusText(exampleReport())
	if coloured == plain {
		t.Fatal("there is no colour")
	}
	for _, code := range []string{"0", "1", "2", "31", "32", "33"} {
		coloured = strings.ReplaceAll(coloured, "\x1b["+code+"m", "")
	}
	if coloured != plain {
		t.Errorf("without its colours it is\n%s\nwant\n%s", coloured, plain)
	}
}

func TestAWatchRedrawsATerminalAndRepeatsALineElsewhere(t *testing.T) {
	report := exampleReport()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		format     string
		isTerminal bool
		prefix     string
		lines      int
	}{
		"terminal": {formatTable, true, "\x1b[H\x1b", 18},
		"file":     {formatTable, false, "2026-01-02T03:04:05Z main: making progress", 1},
		"json":     {formatJSON, true, `{"log":"main","state":"degraded"`, 1},
	} {
		var out strings.Builder
		s := statusShow{format: c.format, screen: screen{out: &out, isTerminal: c.isTerminal, isColoured: c.isTerminal}}
		if err := s.showNext(report, at); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.HasPrefix(got, c.prefix) || strings.Count(got, "\n") != c.lines {
			t.Errorf("%s: %d lines: %q", name, strings.Count(got, "\n"), got)
		}
	}
}

func TestTheStateIsTheExitCode(t *testing.T) {
	for state, want := range map[client.State]int{
		client.Healthy: 0, client.Degraded: 1, client.Stalled: 2, client.Unseen: 3,
	} {
		err := (&statusShow{screen: screen{out: &strings.Builder{}}}).once(client.StatusReport{State: state, Verdict: "x: y"})
		if got, _ := err.(exitCode); int(got) != want || (want == 0) != (err == nil) {
			t.Errorf("%s ends with %v, want %d", state, err, want)
		}
	}
}

func TestTheWindowHearsEveryHello(t *testing.T) {
	s := statusShow{settings: config.Config{Timing: config.Timing{Hello: 4 * time.Second}}}
	if got := s.window(); got <= 4*time.Second {
		t.Errorf("a hello each 4 s, and a window of %v", got)
	}
}

func TestStatusWithoutABroker(t *testing.T) {
	forgetSettings(t)
	wantLine(t, "status -s nats://127.0.0.1:1", `
main: cannot be seen; no NATS at nats://127.0.0.1:1: nats: no servers available for connection; start it, give its address with -s, or run `+"`synod dev`"+`
exit 3`)
	wantLine(t, "status -o yaml", `
stderr:
synod: -o yaml is not one of table, json
See `+"`synod status --help`"+`.
exit 2`)
}

func TestStatusOfALogThatIsNotThere(t *testing.T) {
	forgetSettings(t)
	started, err := broker.Start(broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer started.Shutdown()
	wantLine(t, "status --log orders -s "+started.URL(), `
orders: stalled, nobody answers
  → start its acceptors and a proposer, or check that its name is right; `+"`synod dev`"+` runs a log to try
exit 2`)
	out, code, _ := strings.Cut(runLine(t, "status -o json -s "+started.URL()), "\nexit ")
	var got struct {
		Log, State, Verdict string
		Next                []string
		Acceptors           []any
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if got.Log != "main" || got.State != "stalled" || len(got.Next) != 1 || got.Acceptors == nil || code != "2" {
		t.Errorf("%+v, exit %s", got, code)
	}
}
