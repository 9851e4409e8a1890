package link

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// world is a broker, and who is connected to it, inside a bubble of virtual time.
type world struct {
	t        *testing.T
	broker   *broker.Broker
	subjects *codec.Subjects
	said     *transcript
}

// inBubble runs a test in virtual time, with a broker that listens nowhere. No connection may be lost in
// it: nats.go connects again with timers that it keeps for the whole process, beyond the bubble.
func inBubble(t *testing.T, options broker.Options, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		options.InProcess = true
		started, err := broker.Start(options)
		if err != nil {
			t.Fatal(err)
		}
		defer started.Shutdown()
		subjects, err := codec.NewSubjects("", "main")
		if err != nil {
			t.Fatal(err)
		}
		test(&world{t: t, broker: started, subjects: subjects, said: &transcript{}})
	})
}

// onLoopback returns a world in real time, with a broker that can be restarted.
func onLoopback(t *testing.T, options broker.Options) *world {
	started, err := broker.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Shutdown)
	subjects, err := codec.NewSubjects("", "main")
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, broker: started, subjects: subjects, said: &transcript{}}
}

// until waits for something to come true; the test's deadline ends a wait in vain.
func until(isTrue func() bool) {
	for !isTrue() {
		time.Sleep(time.Millisecond)
	}
}

func (w *world) options() Options {
	options := Options{URL: w.broker.URL(), Logger: slog.New(slog.NewTextHandler(w.said, nil))}
	if w.isBubble() {
		options.NATS = []nats.Option{nats.InProcessServer(w.broker)}
	}
	return options
}

// open opens a link for a role, and in a bubble waits until the broker knows what it listens to. The
// caller closes it.
func (w *world) open(options Options, self paxos.Address, admit ...admit) *Link {
	w.t.Helper()
	role := Role{Subjects: w.subjects, Log: "main", Self: self, MaxMessage: 256 << 10}
	if len(admit) > 0 {
		role.Admit = admit[0]
	}
	l, err := Open(options, role)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.isBubble() {
		synctest.Wait()
	}
	return l
}

func (w *world) isBubble() bool { return w.broker.Port() == 0 }

type admit = func(*Link, *nats.Msg, *paxos.Propose) *paxos.Propose

func (w *world) connect() *nats.Conn {
	w.t.Helper()
	conn, err := nats.Connect(w.broker.URL(), nats.InProcessServer(w.broker))
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

// publish sends bytes and waits until whoever listens has them.
func (w *world) publish(conn *nats.Conn, subject string, data []byte) {
	w.t.Helper()
	if err := conn.Publish(subject, data); err != nil {
		w.t.Fatal(err)
	}
	w.settle(conn)
}

func (w *world) settle(conn *nats.Conn) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := conn.FlushWithContext(ctx); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

// transcript is what was logged.
type transcript struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *transcript) Write(data []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(data)
}

func (s *transcript) count(words string) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.Count(s.text.String(), words)
}

func (s *transcript) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

var (
	acceptor1 = paxos.Address{Role: paxos.RoleAcceptor, ID: "a1"}
	proposer1 = paxos.Address{Role: paxos.RoleProposer, ID: "p1"}
	learner1  = paxos.Address{Role: paxos.RoleLearner, ID: "l1"}
	ballot1   = paxos.Ballot{Round: 1, Proposer: "p1"}
)

// vote is an Accepted of acceptor1.
func vote(slot paxos.Slot) paxos.Message {
	return paxos.Message{From: acceptor1, To: proposer1, Body: &paxos.Accepted{
		Ballot: ballot1, Boot: 1, Sequence: uint64(slot), Span: paxos.Span{First: slot, Last: slot},
	}}
}
