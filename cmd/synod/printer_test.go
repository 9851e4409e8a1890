package main

import (
	"bytes"
	"errors"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
)

func exampleRun() paxos.Run {
	value := func(data string, headers ...paxos.Header) paxos.Value {
		return paxos.Value{
			Kind: paxos.KindValue, Time: 1_700_000_000_000_000, Data: []byte(data), Headers: headers,
		}
	}
	return paxos.Run{First: 7, Values: []paxos.Value{
		value("hello"), value("<&>\n"), value(""), value("\xff\xfe"), paxos.Noop(),
		value("x", paxos.Header{Name: "Trace", Value: "1"}),
	}}
}

func TestASlotIsPrintedAsALineOfJSON(t *testing.T) {
	const want = `{"slot":7,"value":"hello","time":"2023-11-14T22:13:20Z"}
{"slot":8,"value":"<&>\n","time":"2023-11-14T22:13:20Z"}
{"slot":9,"value":"","time":"2023-11-14T22:13:20Z"}
{"slot":10,"value_base64":"//4=","time":"2023-11-14T22:13:20Z"}
{"slot":11,"noop":true}
{"slot":12,"value":"x","headers":{"Trace":"1"},"time":"2023-11-14T22:13:20Z"}
`
	if got := printed(t, formatJSON); got != want {
		t.Errorf("printed\n%swant\n%s", got, want)
	}
}

func TestRawIsTheValuesAlone(t *testing.T) {
	const want = "hello\n<&>\n\n\n\xff\xfe\nx\n"
	if got := printed(t, formatRaw); got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

func printed(t *testing.T, format string) string {
	t.Helper()
	var out bytes.Buffer
	if err := newPrinter(&out, format).print(exampleRun()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAWriteThatFailsIsAnError(t *testing.T) {
	if err := newPrinter(full{}, formatJSON).print(exampleRun()); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

func TestTheVersionNamesTheCommit(t *testing.T) {
	info := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	if got := describeBuild(info); !strings.HasPrefix(got, "synod v1.2.3 0123456789ab with changes (go") {
		t.Errorf("got %q", got)
	}
	if got := describeBuild(&debug.BuildInfo{}); !strings.HasPrefix(got, "synod development (go") {
		t.Errorf("got %q", got)
	}
}

func TestAddressesAreShownWithoutPasswords(t *testing.T) {
	got := redacted("nats://ann:secret@a:4222, nats://b:4222")
	if strings.Contains(got, "secret") || !strings.Contains(got, "a:4222") || !strings.Contains(got, "b:4222") {
		t.Errorf("got %q", got)
	}
}
