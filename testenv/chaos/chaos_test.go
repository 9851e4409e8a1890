package chaos

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/synod-log/synod/testenv/process"
)

func TestMain(m *testing.M) { os.Exit(process.Main(m)) }

func TestChaosForAMoment(t *testing.T) {
	if os.Getenv("SYNOD_LONG") == "" {
		t.Skip("skipped: takes two minutes; SYNOD_LONG=1 runs it")
	}
	result, err := Run(t.Context(), Options{
		For: time.Minute, Seed: 1, Rate: 200, Dir: t.TempDir(), Out: t.Output(),
		Synod: process.Build(t, "cmd/synod"), Broker: process.Build(t, "testenv/cmd/broker"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range result.Broken {
		t.Error(text)
	}
	for _, why := range result.Skipped {
		t.Log(why)
	}
	if result.Faults == 0 {
		t.Error("no fault was injected")
	}
}

func TestAHistoryLeftBehindIsCheckedAgain(t *testing.T) {
	r := &runner{dir: t.TempDir(), history: &History{
		requests: []Request{{Client: "c", Key: "a", Sent: 1, Answered: 2, Slot: 1}},
		reads:    []Read{{Client: "r", First: 1, Sums: []uint64{sumOf("a", false)}, Sent: 3, Ended: 4}},
	}}
	if err := r.leave(); err != nil {
		t.Fatal(err)
	}
	for log, want := range map[string]int{`{"slot":1,"value":"a"}`: 0, `{"slot":1,"value":"b"}`: 4} {
		if err := os.WriteFile(r.logFile(), []byte(log+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if faults, err := Recheck(r.dir); len(faults) != want || err != nil {
			t.Errorf("with the log %s: %q (%v), want %d faults", log, faults, err, want)
		}
	}
	if err := os.WriteFile(r.logFile(), []byte(`{"slot":2,"value":"a"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Recheck(r.dir); err == nil {
		t.Error("a log with a hole is read")
	}
}

// printedAs checks what a learner printed, against a log of three lines.
func printedAs(t *testing.T, text string, from uint64, isLast bool) error {
	t.Helper()
	r := &runner{dir: t.TempDir()}
	lines := []string{"{\"slot\":1}\n", "{\"slot\":2}\n", "{\"slot\":3}\n"}
	e := &ending{log: make([]Slot, len(lines))}
	at := int64(0)
	for _, line := range lines {
		e.offsets = append(e.offsets, at)
		at += int64(len(line))
	}
	if err := os.WriteFile(r.logFile(), []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	p := printed{file: r.path("l1.1.out"), from: from}
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return r.checkPrinted(p, e, isLast)
}

func TestALearnerMustPrintTheLogByteForByte(t *testing.T) {
	const one, two, three = "{\"slot\":1}\n", "{\"slot\":2}\n", "{\"slot\":3}\n"
	for _, test := range []struct {
		name, text string
		from       uint64
		isLast     bool
		isRight    bool
	}{
		{"all of it", one + two + three, 1, true, true},
		{"from the middle", two + three, 2, true, true},
		{"killed in the midst of a line", one + two[:4], 1, false, true},
		{"killed before it printed", "", 2, false, true},
		{"nothing, where nothing was left", "", 4, true, true},
		{"something, where nothing was left", one, 4, false, false},
		{"not all of it", one + two, 1, true, false},
		{"not all of a line", one + two + three[:4], 1, true, false},
		{"a slot left out", one + three, 1, false, false},
		{"a slot twice", one + one + two + three, 1, false, false},
		{"another value", one + "{\"slot\":9}\n", 1, false, false},
		{"more than there is", one + two + three + "{\"slot\":4}\n", 1, false, false},
		{"from elsewhere", one + two, 2, false, false},
	} {
		if err := printedAs(t, test.text, test.from, test.isLast); (err == nil) != test.isRight {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestALearnerGoesOnAfterTheLastWholeLine(t *testing.T) {
	file := t.TempDir() + "/l1.1.out"
	if err := os.WriteFile(file, []byte("{\"slot\":5}\n{\"slot\":6}\n{\"sl"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := lastPrinted(printed{file: file, from: 5}); got != 6 || err != nil {
		t.Errorf("the last slot printed is %d (%v), want 6", got, err)
	}
}
