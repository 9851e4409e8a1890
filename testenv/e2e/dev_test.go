package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/testenv/process"
)

// startDev starts `synod dev` on a free port, waits until it says that it is ready, and returns where.
func startDev(t *testing.T, args ...string) (*process.Process, *cluster) {
	t.Helper()
	c := newCluster(t)
	args = append([]string{"dev", "--port", fmt.Sprint(c.port)}, args...)
	dev := process.Start(t, c.dir, "dev", c.synod, args...)
	dev.AwaitTalk("is ready at "+c.url, patience)
	return dev, c
}

func TestDevAnswersAPlainRequestAndPrintsTheLog(t *testing.T) {
	dev, c := startDev(t)
	conn := c.connect()
	answer, err := conn.Request("synod.main.propose", []byte("hello"), patience)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(answer.Data), `{"log":"main","slot":1}`; got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
	if got := c.log(); len(got) != 1 || got[0] != (Line{Slot: 1, Value: "hello"}) {
		t.Errorf("the log is %+v, want hello in slot 1", got)
	}
	if code := dev.Stop(); code != 0 {
		t.Errorf("dev ended with %d, want 0", code)
	}
}

func TestAnIDProposedTwiceHasOneSlot(t *testing.T) {
	_, c := startDev(t)
	conn := c.connect()
	for i, want := range []string{`{"log":"main","slot":1}`, `{"log":"main","slot":1,"duplicate":true}`} {
		msg := nats.NewMsg("synod.main.propose")
		msg.Header.Set(nats.MsgIdHdr, "order-17")
		msg.Data = []byte("tea")
		answer, err := conn.RequestMsg(msg, patience)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(answer.Data); got != want {
			t.Errorf("request %d was answered %s, want %s", i+1, got, want)
		}
	}
	second := c.run("propose", "--id", "order-17", "coffee")
	if second.Out != "1\n" || !strings.Contains(second.Talk, "slot 1") {
		t.Errorf("synod propose printed %q and said %q", second.Out, second.Talk)
	}
	if got := c.log(); len(got) != 1 || got[0].Value != "tea" {
		t.Errorf("the log is %+v, want tea alone", got)
	}
}

func TestDevKeepsItsDataWhereAsked(t *testing.T) {
	data := filepath.Join(t.TempDir(), "kept")
	dev, c := startDev(t, "--data", data)
	if got := c.run("propose", "one", "two"); got.Out != "1\n2\n" {
		t.Fatalf("printed %q, said %q", got.Out, got.Talk)
	}
	dev.Stop()
	dev.Restart()
	dev.AwaitTalk("is ready at "+c.url, patience)
	if got := c.run("log", "-o", "raw"); got.Out != "one\ntwo\n" {
		t.Errorf("after a restart the log is %q", got.Out)
	}
}

func TestDevLeavesNothingBehindUnlessAsked(t *testing.T) {
	dev, _ := startDev(t)
	_, rest, _ := strings.Cut(dev.Talk(), "Data: ")
	dir, _, _ := strings.Cut(rest, " ")
	if _, err := os.Stat(filepath.Join(dir, "a1")); err != nil {
		t.Fatalf("the directory it names is not in use: %v", err)
	}
	dev.Stop()
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

func TestDevSaysThatItsPortIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	got := process.Run(t, patience, "", process.Build(t, "cmd/synod"), "dev", "--port", fmt.Sprint(port))
	if got.Code != 1 || !strings.Contains(got.Talk, "address already in use") ||
		!strings.Contains(got.Talk, "--port") {
		t.Errorf("ended with %d and said %q", got.Code, got.Talk)
	}
}

func TestTheLogIsPrintedInParts(t *testing.T) {
	_, c := startDev(t)
	input := "one\ntwo\n\xff\xfe\nfour\n"
	proposed := process.Run(t, patience, input, c.synod, "propose", "-s", c.url, "-")
	if proposed.Out != "1\n2\n3\n4\n" {
		t.Fatalf("printed %q, said %q", proposed.Out, proposed.Talk)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--from", "2", "--to", "2", "-o", "raw"}, "two\n"},
		{[]string{"--from", "4", "-o", "raw"}, "four\n"},
		{[]string{"--from", "5", "-o", "raw"}, ""},
		{[]string{"--from", "3", "--to", "9", "-o", "raw"}, "\xff\xfe\nfour\n"},
		{[]string{"--to", "1", "--follow", "-o", "raw"}, "one\n"},
	} {
		got := c.run(append([]string{"log"}, test.args...)...)
		if got.Out != test.want || got.Code != 0 {
			t.Errorf("log %q printed %q (%d, %s), want %q", test.args, got.Out, got.Code, got.Talk, test.want)
		}
	}
	if got := c.run("log", "--from", "3", "--to", "3"); !strings.Contains(got.Out, `"value_base64":"//4="`) {
		t.Errorf("bytes that are not UTF-8 are printed as %s", got.Out)
	}
}

func TestAFollowedLogPrintsWhatIsChosenLater(t *testing.T) {
	_, c := startDev(t)
	c.run("propose", "before")
	c.workers["l1"] = process.Start(t, c.dir, "l1", c.synod, "log", "--follow", "-s", c.url)
	c.awaitPrinted("l1", 1)
	c.run("propose", "after")
	if got := c.awaitPrinted("l1", 2); len(got) != 2 || got[1].Value != "after" {
		t.Errorf("printed %+v", got)
	}
	if code := c.workers["l1"].Stop(); code != 0 {
		t.Errorf("ended with %d, want 0", code)
	}
}

func TestACommandForALogThatNobodyRunsSaysSo(t *testing.T) {
	_, c := startDev(t)
	for _, args := range [][]string{{"log"}, {"propose", "x"}} {
		got := c.run(append(args, "--log", "mian", "--timeout", "1s")...)
		if got.Code != 3 || !strings.Contains(got.Talk, "mian") || got.Out != "" {
			t.Errorf("%s ended with %d, printed %q and said %q", args[0], got.Code, got.Out, got.Talk)
		}
	}
}
