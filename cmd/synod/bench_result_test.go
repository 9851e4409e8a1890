package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// latencyOf is a latency of these times.
func latencyOf(took ...time.Duration) *latency {
	l := newLatency()
	for _, d := range took {
		l.add(d)
	}
	return l
}

func TestAMeasurementIsToldForPeople(t *testing.T) {
	report := &benchReport{
		Acknowledged: 123_456, Bytes: 128, took: 10 * time.Second,
		Unknown:  map[failure]int64{failureNoQuorum: 3, failureNoAnswer: 1200},
		Refused:  map[failure]int64{failureUnsent: 1},
		Schedule: &benchSchedule{Rate: 20_000, Due: 200_000, Begun: 124_660},
		rows: []latencyRow{
			{"a value", latencyOf(900*time.Microsecond, 12*time.Millisecond)},
			{"of it, begun late", latencyOf()},
			{"round trip to the broker", latencyOf(80 * time.Microsecond)},
		},
	}
	const want = `123,456 values acknowledged in 10.0 s   12,346 values/s   1.58 MB/s
1,203 values not acknowledged, and may yet be chosen: 1,200 had no answer in time, 3 found a leader that hears no majority of acceptors
1 value never to be chosen: 1 were not sent: what was on its way filled the window, or the connection closed
the rate was not kept: 124,660 of 200,000 values began in time; the others are in no latency

LATENCY                       MIN      P50      P90      P99    P99.9      MAX
a value                    900 µs   903 µs  12.0 ms  12.0 ms  12.0 ms  12.0 ms
round trip to the broker  80.0 µs  80.0 µs  80.0 µs  80.0 µs  80.0 µs  80.0 µs
`
	if got := report.text(screen{}); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func TestWhereNothingWasAnsweredThereIsNoTable(t *testing.T) {
	report := &benchReport{rows: []latencyRow{{"a value", newLatency()}}}
	if got, want := report.text(screen{}), "0 values acknowledged in 0 s   0 values/s   0.00 MB/s\n"; got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func TestAReadingTellsWhichSlotsHoldNothing(t *testing.T) {
	report := &benchReadReport{Values: 2_000, Noops: 1, Bytes: 256_000, took: time.Second}
	const want = "2,000 values read in 1.00 s   2,000 values/s   0.26 MB/s\n1 slot without a value\n"
	if got := report.text(screen{}); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestProgressIsDrawnOnATerminalAlone(t *testing.T) {
	var file, terminal bytes.Buffer
	startBenchProgress(screen{out: &file}, 10, 0).stop()
	startBenchProgress(screen{out: &terminal, isTerminal: true}, 10, 0).stop()
	if file.Len() != 0 || !strings.HasSuffix(terminal.String(), "\r\x1b[K") {
		t.Errorf("a file got %q, and a terminal's line was left as %q", file.String(), terminal.String())
	}
}

func TestProgressTellsHowFarItIs(t *testing.T) {
	p := &benchProgress{of: 100_000}
	p.add(42_000)
	if got, want := p.text(4*time.Second), "42,000 of 100,000 values   10,500 values/s   4 s"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	p.of, p.during = 0, 30*time.Second
	if got, want := p.text(4*time.Second), "42,000 values   10,500 values/s   4 of 30 s"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestAScheduleIsKeptToItsEnd(t *testing.T) {
	first := time.Unix(1000, 0)
	s := schedule{first: first, interval: 0.25, end: first.Add(2 * time.Second)}
	if got := s.due(6).Sub(first); got != 1500*time.Millisecond {
		t.Errorf("the seventh is due after %v", got)
	}
	for after, want := range map[time.Duration]int64{
		-time.Second: 0, 0: 0, time.Millisecond: 1, 250 * time.Millisecond: 1, 251 * time.Millisecond: 2,
		2 * time.Second: 8, time.Hour: 8,
	} {
		if got := s.before(first.Add(after)); got != want {
			t.Errorf("%d are due before %v, want %d", got, after, want)
		}
	}
}
