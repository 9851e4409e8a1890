package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/cluster"
)

// loadAt is a load of the log main at a broker, which is not looked at before.
func loadAt(t *testing.T, url string, timeout time.Duration, b benchProposing) *benchLoad {
	t.Helper()
	settings := config.Config{Log: "main", NATS: config.NATS{URL: url, Timeout: timeout}}
	conn, err := connect(settings.NATS, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	b.connections, b.batch = 1, max(b.batch, 1)
	l, err := openBenchLoad(&benchLog{settings: settings, conn: conn}, &b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	l.progress = startBenchProgress(screen{}, 0, 0)
	return l
}

func startBroker(t *testing.T) *broker.Broker {
	t.Helper()
	started, err := broker.Start(broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Shutdown)
	return started
}

func TestAPipelineEndsWhereNothingIsAnswered(t *testing.T) {
	l := loadAt(t, startBroker(t).URL(), 50*time.Millisecond, benchProposing{clients: 1, isPipelined: true})
	m := l.run(t.Context())[0]
	if count := unknownOf(t, m); count < 1 || count > benchWindow {
		t.Errorf("%d values may yet be chosen, want some, and at most the window", count)
	}
}

func TestAClosedLoopGoesOnWhereNothingIsAnswered(t *testing.T) {
	l := loadAt(t, startBroker(t).URL(), 20*time.Millisecond, benchProposing{clients: 1, values: 3})
	if count := unknownOf(t, l.run(t.Context())[0]); count != 3 {
		t.Errorf("%d values may yet be chosen, want 3", count)
	}
}

func TestPlainRequestsThatNobodyHearsFindNoLeader(t *testing.T) {
	l := loadAt(t, startBroker(t).URL(), time.Minute, benchProposing{clients: 1, values: 3, isPlain: true})
	m := l.run(t.Context())[0]
	if count := unknownOf(t, m); count != 3 || m.failures[failureNoLeader] != 3 {
		t.Errorf("of %d values %v", count, m.failures)
	}
}

// unknownOf is how many values may yet be chosen, where none was acknowledged and none was refused.
func unknownOf(t *testing.T, m *meter) int64 {
	t.Helper()
	count := int64(0)
	for kind, values := range m.failures {
		if count += values; kind.isFinal() {
			t.Errorf("%d values will never be chosen: %s", values, kind)
		}
	}
	if m.acknowledged != 0 {
		t.Errorf("%d values were acknowledged", m.acknowledged)
	}
	return count
}

func TestAnAnswerToAPlainRequestIsUnderstood(t *testing.T) {
	started := startBroker(t)
	l := loadAt(t, started.URL(), time.Minute, benchProposing{clients: 1, isPlain: true})
	var answer atomic.Value
	if _, err := l.conns[0].Subscribe("synod.main.propose", func(request *nats.Msg) {
		_ = request.Respond([]byte(answer.Load().(string)))
	}); err != nil {
		t.Fatal(err)
	}
	refusal := func(code int) string { return fmt.Sprintf(`{"error":{"code":%d,"description":"why"}}`, code) }
	for text, want := range map[string]failure{
		refusal(400): failureRefused, refusal(413): failureRefused, refusal(429): failureOverloaded,
		refusal(503): failureNoQuorum, refusal(504): failureNoLeader, refusal(599): failureNoLeader,
		`{"stream":"S","seq":1}`: failureForeign, "hello": failureForeign,
	} {
		answer.Store(text)
		if acknowledged, err := l.calls(0)(t.Context(), 1); acknowledged != 0 || failureOf(err) != want {
			t.Errorf("%s: %d acknowledged, %s (%v), want %s", text, acknowledged, failureOf(err), err, want)
		}
	}
	answer.Store(`{"log":"main","slot":7,"duplicate":true}`)
	if acknowledged, err := l.calls(0)(t.Context(), 1); acknowledged != 1 || err != nil {
		t.Errorf("an answer with a slot: %d acknowledged (%v)", acknowledged, err)
	}
}

func TestWhoIsStoppedWaitsForWhatIsOnItsWay(t *testing.T) {
	l := loadAt(t, startBroker(t).URL(), time.Minute, benchProposing{clients: 1, isPlain: true})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if _, err := l.conns[0].Subscribe("synod.main.propose", func(request *nats.Msg) {
		stop()
		time.Sleep(10 * time.Millisecond) // long enough to be given up
		_ = request.Respond([]byte(`{"log":"main","slot":1}`))
	}); err != nil {
		t.Fatal(err)
	}
	if m := l.run(ctx)[0]; m.acknowledged != 1 || len(m.failures) != 0 {
		t.Errorf("%d acknowledged, and of the others %v", m.acknowledged, m.failures)
	}
}

func TestARefusalEndsALoad(t *testing.T) {
	l := loadAt(t, startBroker(t).URL(), time.Minute, benchProposing{clients: 1, values: 3})
	calls := 0
	m := newMeter()
	l.closedLoop(t.Context(), func(context.Context, int) (int, error) {
		calls++
		return 0, client.ErrTooLarge
	}, m)
	if calls != 1 || !errors.Is(m.refusal, client.ErrTooLarge) {
		t.Errorf("%d calls, and the refusal is %v", calls, m.refusal)
	}
}

func TestClientsTakeOnAllValuesAndNoMore(t *testing.T) {
	l := &benchLoad{benchProposing: &benchProposing{values: 10}}
	var taken []int
	for range 4 {
		taken = append(taken, l.take(4))
	}
	if got := fmt.Sprint(taken); got != "[4 4 2 0]" {
		t.Errorf("took %s", got)
	}
	l.values = 0
	if got := l.take(4); got != 4 {
		t.Errorf("without a bound it took %d", got)
	}
}

// A latency counts from when its value was to begin, however late it began.
func TestAnOpenLoopCountsFromWhenAValueWasDue(t *testing.T) {
	l := loadAt(t, cluster.Start(t, cluster.Options{}).Broker.URL(), time.Minute,
		benchProposing{clients: 1, rate: 1.0 / 60, duration: 10*time.Minute + time.Second})
	l.began = time.Now().Add(-10 * time.Minute)
	m := newMeter()
	l.openLoop(t.Context(), 0, m)
	if m.begun < 10 || m.acknowledged != m.begun || m.due < m.begun {
		t.Errorf("%d due, %d begun, %d acknowledged", m.due, m.begun, m.acknowledged)
	}
	if m.answers.longest < 10*time.Minute || m.late.longest < 10*time.Minute {
		t.Errorf("the first took %v and was %v late; it was due 10 minutes ago", m.answers.longest, m.late.longest)
	}
	if m.answers.at(50) < 4*time.Minute {
		t.Errorf("half of them took less than %v; they were due in the past", m.answers.at(50))
	}
}

func TestWhatIsDueAndDoesNotBeginInTimeIsToldApart(t *testing.T) {
	l := &benchLoad{benchProposing: &benchProposing{rate: 100}, roundTrip: newLatency()}
	m := newMeter()
	m.late, m.due, m.begun = newLatency(), 1000, 989
	if report := l.scheduleReport(m); report.IsKept {
		t.Errorf("%+v is kept", report)
	}
	m.begun = 990
	if report := l.scheduleReport(m); !report.IsKept {
		t.Errorf("%+v is not kept", report)
	}
}
