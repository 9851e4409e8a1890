package e2e

import (
	"strings"
	"testing"
	"time"
)

// goodHistory is two clients' requests, and a log that fits.
func goodHistory() (History, []Line) {
	return History{
			{Value: "a", HasID: true, Sent: 1, Answered: 3, Slot: 1},
			{Value: "b", Sent: 2, Answered: 5, Slot: 3},
			{Value: "c", HasID: true, Sent: 4, Answered: 6, Slot: 2},
			{Value: "d", HasID: true, Sent: 7, Answered: 9, Err: "timeout"},
		}, []Line{
			{Slot: 1, Value: "a"}, {Slot: 2, Value: "c"}, {Slot: 3, Value: "b"}, {Slot: 4, Noop: true},
			{Slot: 5, Value: "d"},
		}
}

func TestALogThatFitsPasses(t *testing.T) {
	if faults := Check(goodHistory()); len(faults) > 0 {
		t.Errorf("faults: %q", faults)
	}
}

func TestEachFaultIsFound(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(History, []Line) (History, []Line)
		want  string
	}{
		{"a hole", func(h History, l []Line) (History, []Line) { l[3].Slot = 9; return h, l }, "slot 9 follows"},
		{"a value lost", func(h History, l []Line) (History, []Line) {
			l[0] = Line{Slot: 1, Noop: true}
			return h, l
		}, "acknowledged and not where"},
		{"a log too short", func(h History, l []Line) (History, []Line) { return h, l[:2] },
			"acknowledged and not where"},
		{"a value moved", func(h History, l []Line) (History, []Line) {
			l[1].Value, l[2].Value = l[2].Value, l[1].Value
			return h, l
		}, "acknowledged and not where"},
		{"an id twice", func(h History, l []Line) (History, []Line) {
			return h, append(l, Line{Slot: 6, Value: "d"})
		}, "chosen twice"},
		{"a value of nobody", func(h History, l []Line) (History, []Line) {
			l[3] = Line{Slot: 4, Value: "x"}
			return h, l
		}, "nobody proposed"},
		{"a false duplicate", func(h History, l []Line) (History, []Line) {
			h[0].Duplicate = true
			return h, l
		}, "called a duplicate"},
		{"order", func(h History, l []Line) (History, []Line) {
			h[3] = Request{Value: "e", Sent: 6, Answered: 7, Slot: 0}
			h[2].Sent = 6 // after b, in slot 3, was acknowledged
			return h, l
		}, "out of order"},
	} {
		t.Run(test.name, func(t *testing.T) {
			faults := strings.Join(Check(test.spoil(goodHistory())), "\n")
			if !strings.Contains(faults, test.want) {
				t.Errorf("found %q, want %q", faults, test.want)
			}
		})
	}
}

func TestAValueWithoutAnIDMayBeChosenTwice(t *testing.T) {
	history, log := goodHistory()
	if faults := Check(history, append(log, Line{Slot: 6, Value: "b"})); len(faults) > 0 {
		t.Errorf("faults: %q", faults)
	}
}

func TestALearnerMustPrintTheLogsBeginning(t *testing.T) {
	_, log := goodHistory()
	if faults := CheckLearner(log[:4], log, 4); len(faults) > 0 {
		t.Errorf("faults: %q", faults)
	}
	if faults := CheckLearner(log[:3], log, 4); len(faults) == 0 {
		t.Error("a learner that lags passes")
	}
	other := append([]Line(nil), log...)
	other[1].Value = "x"
	if faults := CheckLearner(other, log, 4); len(faults) == 0 {
		t.Error("a learner that printed another value passes")
	}
}

func TestAHistoryTellsWhatFailedAndTheLongestWait(t *testing.T) {
	history := History{
		{Value: "a", Sent: 1 * time.Second, Answered: 3 * time.Second, Slot: 1},
		{Value: "b", Sent: 1 * time.Second, Answered: 9 * time.Second, Err: "timeout"},
	}
	if got := history.LongestWait(); got != 2*time.Second {
		t.Errorf("longest wait %v, want 2s", got)
	}
	if failed := history.Failed(); len(failed) != 1 || failed[0].Value != "b" {
		t.Errorf("failed are %v", failed)
	}
	if got := history.Acknowledged(); got != 1 {
		t.Errorf("%d acknowledged, want 1", got)
	}
}
