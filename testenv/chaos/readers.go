package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/testenv/process"
)

// readers read the log while it grows, each in its way.
type readers struct {
	*load
	synod  string
	fault  func(format string, args ...any)
	random *rand.Rand
}

// begin starts the readers. They end when ctx does.
func (r *readers) begin(ctx context.Context, running *sync.WaitGroup) error {
	conn, err := r.connect(1)
	if err != nil {
		return err
	}
	plain, err := r.connect(2)
	if err != nil {
		return err
	}
	following, err := client.New(conn, "main", client.Options{})
	if err != nil {
		return err
	}
	running.Go(func() { r.follow(ctx, "follower", following, 1, 0) })
	running.Go(func() { r.fromTheMiddle(ctx, following) })
	running.Go(func() { r.replays(ctx, plain) })
	running.Go(func() { r.toTheEnd(ctx) })
	return nil
}

// follow reads entries from a slot on, at most so many; 0: until ctx ends. No entry may be missing.
func (r *readers) follow(ctx context.Context, name string, log *client.Client, from uint64, most int) {
	const atOnce = 100
	read := Read{Client: name, First: from, Sent: r.history.now()}
	flush := func() {
		if len(read.Sums) > 0 {
			r.history.addRead(read)
			read = Read{Client: name, First: read.Last() + 1, Sent: read.Ended}
		}
	}
	defer flush()
	for entry, err := range log.Entries(ctx, from) {
		if err != nil {
			if ctx.Err() == nil {
				r.fault("%s ended at slot %d: %v", name, read.Last(), err)
			}
			return
		}
		if entry.Slot != read.Last()+1 {
			r.fault("%s was given slot %d after slot %d", name, entry.Slot, read.Last())
			return
		}
		read.Sums = append(read.Sums, sumOf(string(entry.Value), entry.Noop))
		read.Ended = r.history.now()
		if len(read.Sums) == atOnce {
			flush()
		}
		if most > 0 && entry.Slot+1 >= from+uint64(most) {
			return
		}
	}
}

// fromTheMiddle follows the log from somewhere in it for a while, again and again.
func (r *readers) fromTheMiddle(ctx context.Context, log *client.Client) {
	for isPaused(ctx, 3*time.Second) {
		if _, highest := r.history.acknowledged(); highest > 0 {
			r.follow(ctx, "late follower", log, 1+rand.Uint64N(highest), 500)
		}
	}
}

// replays asks learners for a part of the log, in plain NATS.
func (r *readers) replays(ctx context.Context, conn *nats.Conn) {
	for isPaused(ctx, time.Second) {
		if _, highest := r.history.acknowledged(); highest > 0 {
			r.replay(ctx, conn, 1+r.random.Uint64N(highest))
		}
	}
}

// replay asks for slots from one on, and takes what comes until the answer ends or fails to go on.
func (r *readers) replay(ctx context.Context, conn *nats.Conn, from uint64) {
	ctx, cancel := context.WithTimeout(ctx, plainTimeout)
	defer cancel()
	read := Read{Client: "replay", First: from, Sent: r.history.now()}
	inbox := conn.NewRespInbox()
	answers, err := conn.SubscribeSync(inbox)
	if err != nil {
		return
	}
	defer func() { _ = answers.Unsubscribe() }() // fails only where the connection is closed
	request := fmt.Appendf(nil, `{"from":%d,"max":300}`, from)
	if err := conn.PublishRequest("synod.main.read", inbox, request); err != nil {
		return
	}
	for {
		msg, err := answers.NextMsgWithContext(ctx)
		if err != nil {
			break // lost on its way: what came is true all the same
		}
		slot, err := strconv.ParseUint(msg.Header.Get(codec.HeaderSlot), 10, 64)
		if err != nil || slot != read.Last()+1 {
			break // the end, or something was lost
		}
		isNoop := msg.Header.Get(codec.HeaderKind) == codec.KindNoop
		read.Sums = append(read.Sums, sumOf(string(msg.Data), isNoop))
	}
	read.Ended = r.history.now()
	if len(read.Sums) > 0 {
		r.history.addRead(read)
	}
}

// wrongUsage is the exit code of a command that was called wrongly.
const wrongUsage = 2

// toTheEnd reads the log's last slots with the command that promises its end.
func (r *readers) toTheEnd(ctx context.Context) {
	for isPaused(ctx, 4*time.Second) {
		_, highest := r.history.acknowledged()
		read := Read{Client: "synod log", First: max(highest, 100) - 99, Sent: r.history.now(), IsFresh: true}
		command := process.Command(ctx, r.synod, "log", "--from", fmt.Sprint(read.First),
			"--timeout", "5s", "-s", strings.Join(r.urls, ","))
		text, err := command.Output()
		read.Ended = r.history.now()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == wrongUsage {
			r.fault("synod log: %s", exit.Stderr)
			return
		}
		if err != nil {
			continue // the end could not be known in time, or no broker runs, and it says so
		}
		for decoder := json.NewDecoder(strings.NewReader(string(text))); decoder.More(); {
			var l line
			if err := decoder.Decode(&l); err != nil {
				r.fault("synod log printed something that is no line of it: %v", err)
				return
			}
			read.Sums = append(read.Sums, sumOf(l.Value, l.Noop))
		}
		if len(read.Sums) > 0 || read.First == 1 {
			r.history.addRead(read)
		}
	}
}

// line is a slot as `synod log` and `synod learner --print` write it.
type line struct {
	Slot  uint64 `json:"slot"`
	Noop  bool   `json:"noop"`
	Value string `json:"value"`
}

// isPaused waits for a while, and reports whether ctx goes on.
func isPaused(ctx context.Context, while time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(while):
		return true
	}
}
