package process

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

const soon = 30 * time.Second

func TestAProcessIsKilledAndRestartedWithItsTalkKept(t *testing.T) {
	p := Start(t, t.TempDir(), "broker", Build(t, "testenv/cmd/broker"))
	p.AwaitTalk("listening at", soon)
	first := p.Stderr()
	p.Kill()
	if p.IsRunning() {
		t.Fatal("runs after it was killed")
	}
	p.Restart()
	p.AwaitTalk("listening at", soon)
	if p.Stderr() == first {
		t.Error("a second start writes over what the first said")
	}
	if code := p.Stop(); code != 0 {
		t.Errorf("exit code %d after it was asked to stop, want 0", code)
	}
}

func TestAPausedProcessDoesNothingUntilItGoesOn(t *testing.T) {
	p := Start(t, t.TempDir(), "broker", Build(t, "testenv/cmd/broker"))
	p.AwaitTalk("listening at", soon)
	_, url, _ := strings.Cut(strings.TrimSpace(p.Talk()), "listening at ")
	p.Pause()
	if conn, err := nats.Connect(url, nats.Timeout(200*time.Millisecond)); err == nil {
		conn.Close()
		t.Fatal("a paused broker answers")
	}
	p.Resume()
	conn, err := nats.Connect(url, nats.Timeout(soon))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestRunReturnsWhatAProgramWroteAndHowItEnded(t *testing.T) {
	t.Setenv("SYNOD_SOMETHING", "x")
	got := Run(t, soon, "hello", "/bin/sh", "-c", `cat; echo talk >&2; echo "<$SYNOD_SOMETHING>"; exit 3`)
	if want := (Result{Out: "hello<>\n", Talk: "talk\n", Code: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTheLastLinesOfATextAreItsTail(t *testing.T) {
	if got := tail("a\nb\nc\n", 2); got != "b\nc" {
		t.Errorf("got %q", got)
	}
	if got := tail("a", 2); got != "a" {
		t.Errorf("got %q", got)
	}
}
