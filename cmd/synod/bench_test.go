package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/cluster"
)

func TestABenchOfALogThatIsNotThere(t *testing.T) {
	forgetSettings(t)
	started, err := broker.Start(broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer started.Shutdown()
	wantLine(t, "bench propose --log orders -s "+started.URL(), `
stderr:
synod: orders: stalled, nobody answers
  → start its acceptors and a proposer, or check that its name is right; `+"`synod dev`"+` runs a log to try
exit 1`)
	for _, line := range []string{"bench propose", "bench latency", "bench read"} {
		wantLine(t, line+" -s nats://127.0.0.1:1", `
stderr:
synod: no NATS at nats://127.0.0.1:1: nats: no servers available for connection; start it, give its address with -s, or run `+"`synod dev`"+`
exit 1`)
	}
}

// A figure is a number with its unit of time, or a rate. Columns are as wide as their figures.
var (
	aTime = regexp.MustCompile(`[0-9][0-9,.]* (µs|ms|s)\b`)
	aRate = regexp.MustCompile(`[0-9][0-9,.]* (values/s|MB/s)`)
	blank = regexp.MustCompile(` +`)
)

// masked is an output without what differs from run to run.
func masked(output string) string {
	output = aTime.ReplaceAllString(output, "TIME")
	output = aRate.ReplaceAllString(output, "RATE $1")
	return blank.ReplaceAllString(output, " ")
}

func TestALogIsMeasured(t *testing.T) {
	forgetSettings(t)
	measured := cluster.Start(t, cluster.Options{})
	t.Setenv("NATS_URL", measured.Broker.URL())
	wantMasked := func(line, want string) {
		t.Helper()
		if got := masked(runLine(t, line)); got != strings.TrimPrefix(want, "\n") {
			t.Errorf("synod %s printed\n%s\nwant%s", line, got, want)
		}
	}
	wantLine(t, "bench read", `
stderr:
synod: log main has no value yet; propose some with `+"`synod bench propose --log main`"+`
exit 1`)

	wantMasked("bench propose --msgs 40 --clients 4 --connections 2", `
proposing 40 values of 128 B, which stay in log main; 4 clients over 2 connections, each waits for its value; 3 acceptors, each value synced on 2 before its answer

40 values acknowledged in TIME RATE values/s RATE MB/s

LATENCY MIN P50 P90 P99 P99.9 MAX
a value TIME TIME TIME TIME TIME TIME
exit 0`)
	wantMasked("bench propose --msgs 40 --clients 1 --size 1KiB --plain", `
proposing 40 values of 1 KiB, which stay in log main; 1 client over 1 connection, each waits for its plain request; 3 acceptors, each value synced on 2 before its answer

40 values acknowledged in TIME RATE values/s RATE MB/s

LATENCY MIN P50 P90 P99 P99.9 MAX
a value TIME TIME TIME TIME TIME TIME
exit 0`)
	wantMasked("bench propose --msgs 50 --clients 1 --pipelined", `
proposing 50 values of 128 B, which stay in log main; 1 client over 1 connection, 16,384 values on their way; 3 acceptors, each value synced on 2 before its answer

50 values acknowledged in TIME RATE values/s RATE MB/s

LATENCY MIN P50 P90 P99 P99.9 MAX
a value TIME TIME TIME TIME TIME TIME
exit 0`)
	wantMasked("bench read --learn --from 41 --msgs 40", `
reading slots 41 to 80 of log main, counting the votes of 3 acceptors

40 values read in TIME RATE values/s RATE MB/s
exit 0`)

	acknowledged := int64(40 + 40 + 50)
	t.Run("as JSON and CSV", func(t *testing.T) { acknowledged += benchAsJSON(t) })
	t.Run("at a rate", func(t *testing.T) { acknowledged += benchAtARate(t) })
	t.Run("until it is stopped", func(t *testing.T) { acknowledged += benchUntilStopped(t, measured.Connect()) })
	read := decoded[benchReadReport](t, "bench read -o json")
	if read.Values != acknowledged || read.From != 1 || read.Through != uint64(read.Values+read.Noops) {
		t.Errorf("%d values were acknowledged, and it is read: %+v", acknowledged, read)
	}
}

// decoded runs a command that prints JSON and ends with 0.
func decoded[T any](t *testing.T, line string) T {
	t.Helper()
	var decoded T
	out, code, _ := strings.Cut(runLine(t, line), "\nexit ")
	if err := json.Unmarshal([]byte(out), &decoded); err != nil || code != "0" {
		t.Fatalf("synod %s printed %s, exit %s (%v)", line, out, code, err)
	}
	return decoded
}

func benchAsJSON(t *testing.T) int64 {
	t.Chdir(t.TempDir())
	got := decoded[benchReport](t, "bench propose -o json --msgs 30 --clients 3 --batch 4 --csv clients.csv")
	if got.Log != "main" || got.Clients != 3 || got.Connections != 3 || got.Bytes != 128 || got.Acceptors != 3 ||
		got.Quorum != 2 || got.Acknowledged != 30 || len(got.Unknown)+len(got.Refused) != 0 || got.Schedule != nil {
		t.Errorf("got %+v", got)
	}
	latency := got.Latency.all()
	for i, microseconds := range latency[1:] {
		if latency[0] <= 0 || microseconds < latency[i] {
			t.Errorf("latencies do not ascend: %v", latency)
		}
	}
	file, err := os.Open("clients.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil || len(lines) != 4 || lines[0][1] != "acknowledged" {
		t.Fatalf("the file has %q (%v)", lines, err)
	}
	sum := 0
	for _, line := range lines[1:] {
		count, err := strconv.Atoi(line[1])
		if err != nil {
			t.Error(err)
		}
		sum += count
	}
	if sum != 30 {
		t.Errorf("the clients have %d values, want 30: %q", sum, lines)
	}
	return got.Acknowledged
}

func benchAtARate(t *testing.T) int64 {
	got := decoded[benchReport](t, "bench latency -o json --rate 200 --duration 250ms --clients 2")
	if got.Schedule == nil || got.Schedule.Due > 50 || got.Schedule.Begun < 1 ||
		got.Acknowledged != got.Schedule.Begun || got.Schedule.RoundTrip.Min <= 0 {
		t.Errorf("got %+v, schedule %+v", got, got.Schedule)
	}
	return got.Acknowledged
}

// benchUntilStopped stops a measurement when its first value is chosen.
func benchUntilStopped(t *testing.T, conn *nats.Conn) int64 {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	const size = 77 // as no value before
	if _, err := conn.Subscribe("synod.main.chosen", func(chosen *nats.Msg) {
		if len(chosen.Data) == size {
			stop()
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	var out, talk bytes.Buffer
	line := fmt.Sprintf("bench propose --msgs 1000000000 --clients 2 --size %d -o json", size)
	code := run(ctx, strings.Fields(line), streams{strings.NewReader(""), &out, &talk})
	var got benchReport
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || code != 0 {
		t.Fatalf("%s%s, exit %d (%v)", out.String(), talk.String(), code, err)
	}
	if got.Acknowledged < 1 || len(got.Unknown)+len(got.Refused) != 0 {
		t.Errorf("got %+v, want what was proposed to be acknowledged", got)
	}
	if want := "stopped; this is what was measured until then\n"; talk.String() != want {
		t.Errorf("told %q, want %q", talk.String(), want)
	}
	return got.Acknowledged
}

func TestWhatCannotBeReadIsSaidBefore(t *testing.T) {
	log := &benchLog{settings: config.Config{Log: "main"}}
	log.report.Acceptors = []client.AcceptorStatus{{ID: "a1", Highest: 170}, {ID: "a2", Highest: 168}}
	for _, test := range []struct {
		read    benchRead
		through uint64
		says    string
	}{
		{benchRead{from: 1, learns: true}, 170, ""},
		{benchRead{from: 100, slots: 50, learns: true}, 149, ""},
		{benchRead{from: 100, slots: 1 << 62, learns: true}, 170, ""},
		{benchRead{from: 171, learns: true}, 0, "ends at slot 170"},
		{benchRead{from: 1}, 0, "no learner"},
	} {
		through, err := test.read.through(log)
		if through != test.through || (err == nil) != (test.says == "") ||
			err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: through %d (%v), want %d %s", test.read, through, err, test.through, test.says)
		}
	}
}

func TestAValueThatTheBrokerWouldRefuseIsNotProposed(t *testing.T) {
	started := startBroker(t)
	log := &benchLog{}
	var err error
	if log.conn, err = connect(config.NATS{URL: started.URL()}, "test"); err != nil {
		t.Fatal(err)
	}
	defer log.close()
	if err := log.checkSize(1<<20 - 8<<10); err != nil {
		t.Errorf("the largest value: %v", err)
	}
	var usage usageError
	if err := log.checkSize(1<<20 - 8<<10 + 1); !errors.As(err, &usage) {
		t.Errorf("a larger value: %v", err)
	}
}

func TestAFileThatCannotBeMadeIsNamed(t *testing.T) {
	output := benchOutput{csvFile: "no/such/file"}
	if err := output.open(streams{}); err == nil || !strings.Contains(err.Error(), "no/such/file") {
		t.Errorf("got %v", err)
	}
}
