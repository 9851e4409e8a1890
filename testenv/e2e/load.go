package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// clients is how many clients a load has. Every other one sends its values with an id.
const clients = 16

// thinking is how long a client waits after an answer before it asks again, so that a test's load
// leaves a small machine room to breathe.
const thinking = 10 * time.Millisecond

// Load is clients that propose one value after another, each in a plain NATS request that is sent once
// and never repeated, until it is stopped.
type Load struct {
	t         testing.TB
	subject   string
	timeout   time.Duration
	began     time.Time
	cancel    context.CancelFunc
	running   sync.WaitGroup
	histories [clients]History
	succeeded atomic.Int64
}

// StartLoad starts clients, named uniquely by name, of the log main at a broker. A request is not
// waited for longer than timeout.
func StartLoad(t testing.TB, name, url string, timeout time.Duration) *Load {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &Load{t: t, subject: "synod.main.propose", timeout: timeout, began: time.Now(), cancel: cancel}
	for i := range clients {
		conn, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		l.running.Go(func() {
			defer conn.Close()
			l.run(ctx, conn, i, name)
		})
	}
	t.Cleanup(func() { cancel(); l.running.Wait() })
	return l
}

func (l *Load) run(ctx context.Context, conn *nats.Conn, client int, name string) {
	for n := 1; ctx.Err() == nil; n++ {
		request := Request{
			Value: fmt.Sprintf("%s.%d.%d", name, client, n),
			HasID: client%2 == 0,
			Sent:  time.Since(l.began),
		}
		l.send(conn, &request)
		l.histories[client] = append(l.histories[client], request)
		if request.Slot != 0 {
			l.succeeded.Add(1)
		}
		time.Sleep(thinking)
	}
}

// send sends a request and waits for its answer, also when the load is being stopped.
func (l *Load) send(conn *nats.Conn, request *Request) {
	ctx, cancel := context.WithTimeout(context.Background(), l.timeout)
	defer cancel()
	msg := nats.NewMsg(l.subject)
	msg.Data = []byte(request.Value)
	if request.HasID {
		msg.Header.Set(nats.MsgIdHdr, request.Value)
	}
	reply, err := conn.RequestMsgWithContext(ctx, msg)
	request.Answered = time.Since(l.began)
	if err != nil {
		request.Err = err.Error()
		return
	}
	answer, err := readAnswer(reply.Data)
	request.Slot, request.Duplicate = answer.Slot, answer.Duplicate
	if err != nil {
		request.Err = err.Error()
	}
}

// Progress waits until n more requests were acknowledged.
func (l *Load) Progress(n int, within time.Duration) {
	l.t.Helper()
	target, deadline := l.succeeded.Load()+int64(n), time.Now().Add(within)
	for l.succeeded.Load() < target {
		if time.Now().After(deadline) {
			l.t.Fatalf("%d requests were acknowledged in %v, want %d",
				l.succeeded.Load()-target+int64(n), within, n)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Stop lets the requests that wait be answered, and returns all there were.
func (l *Load) Stop() History {
	l.cancel()
	l.running.Wait()
	var all History
	for _, history := range l.histories {
		all = append(all, history...)
	}
	return all
}

// Answer is what a proposer answers to a plain request.
type Answer struct {
	Log       string `json:"log"`
	Slot      uint64 `json:"slot"`
	Duplicate bool   `json:"duplicate"`
	Error     *struct {
		Code        int    `json:"code"`
		Description string `json:"description"`
	} `json:"error"`
}

// readAnswer reads an answer. One that acknowledges nothing is an error too.
func readAnswer(data []byte) (Answer, error) {
	var answer Answer
	if err := json.Unmarshal(data, &answer); err != nil {
		return answer, fmt.Errorf("answer %q: %w", data, err)
	}
	if answer.Error != nil {
		return answer, fmt.Errorf("%d %s", answer.Error.Code, answer.Error.Description)
	}
	if answer.Slot == 0 {
		return answer, fmt.Errorf("answer %q has no slot", data)
	}
	return answer, nil
}
