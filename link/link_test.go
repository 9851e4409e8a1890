package link

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

func TestALinkOpensBeforeItsBrokerAndHearsOnceItIsThere(t *testing.T) {
	w := onLoopback(t, broker.Options{})
	w.broker.Shutdown()
	from, to := w.open(w.options(), acceptor1), w.open(w.options(), proposer1)
	defer from.Close()
	defer to.Close()
	if w.said.count("NATS does not answer yet") != 2 {
		t.Errorf("the log does not say that the broker is awaited:\n%v", w.said)
	}
	w.restart()
	w.awaitConnected(from, to)
	from.NewSender().Send(vote(7))
	w.requireNext(to, 7)
}

func TestASendWithoutABrokerIsLostAndCountedNotSentLater(t *testing.T) {
	w := onLoopback(t, broker.Options{})
	from, to := w.open(w.options(), acceptor1), w.open(w.options(), proposer1)
	defer from.Close()
	defer to.Close()
	w.awaitConnected(from, to)
	sender := from.NewSender()
	sender.Send(vote(1))
	w.requireNext(to, 1)
	w.broker.Shutdown()
	until(func() bool { return !from.conn.IsConnected() && !to.conn.IsConnected() })
	sender.Send(vote(2))
	if got := from.Counts().Unsent; got != 1 {
		t.Errorf("%d messages were counted as unsent, want 1", got)
	}
	w.restart()
	w.awaitConnected(from, to)
	sender.Send(vote(3)) // one sender's messages keep their order: were 2 sent later, it would be first
	w.requireNext(to, 3)
	if w.said.count("lost the connection to NATS") == 0 || w.said.count("connected to NATS again") == 0 {
		t.Errorf("the log does not tell what became of the connection:\n%v", w.said)
	}
}

func TestRefusedCredentialsAreLoudAndTriedAgain(t *testing.T) {
	w := onLoopback(t, broker.Options{Config: `authorization { user: ok, password: ok }`})
	options := w.options()
	options.NATS = append(options.NATS, nats.UserInfo("ok", "wrong"))
	l := w.open(options, acceptor1)
	defer l.Close()
	const advice = `level=ERROR msg="NATS cannot be reached: give this worker`
	until(func() bool { return w.said.count(advice) > 0 })
	if l.conn.IsClosed() {
		t.Error("the link gave up")
	}
}

func TestARoleDoesNotHearItself(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		self, other := w.open(w.options(), proposer1), w.open(w.options(), learner1)
		defer self.Close()
		defer other.Close()
		self.NewSender().Send(paxos.Message{From: proposer1, Body: &paxos.Accept{Ballot: ballot1}})
		w.settle(self.conn)
		if got := len(self.inbox.Take(nil)); got != 0 {
			w.t.Errorf("a role heard %d messages of its own", got)
		}
		if got := len(other.inbox.Take(nil)); got != 1 {
			w.t.Errorf("another role heard %d messages, want 1", got)
		}
	})
}

func TestATooSmallBrokerIsReportedWithWhatIsNeeded(t *testing.T) {
	inBubble(t, broker.Options{MaxPayload: 64 << 10}, func(w *world) {
		l := w.open(w.options(), proposer1)
		defer l.Close()
		synctest.Wait()
		if w.said.count("max_payload=65536 needed=262144") != 1 {
			w.t.Errorf("the log does not say that the broker is too small:\n%v", w.said)
		}
		if got := l.MaxPayload(); got != 64<<10 {
			w.t.Errorf("MaxPayload is %d, want the broker's", got)
		}
		l.NewSender().Publish("anything", make([]byte, 65<<10))
		if l.Counts().Unsent != 1 || w.said.count("larger than the broker takes") != 1 {
			w.t.Errorf("a message that is too large was not counted and reported:\n%v", w.said)
		}
	})
}

func TestADeniedPermissionIsLoud(t *testing.T) {
	const config = `authorization { users = [
		{user: ok, password: ok},
		{user: poor, password: poor, permissions: {publish: "nothing", subscribe: "nothing"}} ] }`
	inBubble(t, broker.Options{Config: config}, func(w *world) {
		options := w.options()
		options.NATS = append(options.NATS, nats.UserInfo("poor", "poor"))
		l := w.open(options, acceptor1)
		defer l.Close()
		w.settle(l.conn)
		if w.said.count("level=ERROR") == 0 || w.said.count("the broker denies this worker") == 0 {
			w.t.Errorf("a denied subscription is not loud:\n%v", w.said)
		}
	})
}

func TestVersionsBelowTheFloorAreKnown(t *testing.T) {
	for version, want := range map[string]bool{
		"1.4.1": true, "2.2.0": true, "2.11.16": true, "2.12.11": true, "2.13.9": true, "2.14.2": true,
		"2.12.12": false, "2.12.13": false, "2.14.3": false, "2.15.2": false, "3.0.0": false,
		"2.14.3-RC.1": false, "": false, "dev": false,
	} {
		if got := isBelowFloor(version); got != want {
			t.Errorf("%q is below the floor: %v, want %v", version, got, want)
		}
	}
}

func TestWaitsBetweenAttemptsGrowAndStayBounded(t *testing.T) {
	for tries, want := range map[int]time.Duration{
		0: firstReconnectWait, 1: firstReconnectWait, 2: 2 * firstReconnectWait,
		6: longestReconnectWait, 1 << 40: longestReconnectWait,
	} {
		for range 100 {
			if got := reconnectWait(tries); got < want || got >= 2*want {
				t.Fatalf("after %d tries the wait is %v, want %v and up to as much again", tries, got, want)
			}
		}
	}
}

func (w *world) restart() {
	w.t.Helper()
	if err := w.broker.Restart(); err != nil {
		w.t.Fatal(err)
	}
}

// awaitConnected waits until links are connected, and the broker knows what they listen to.
func (w *world) awaitConnected(links ...*Link) {
	for _, l := range links {
		until(l.conn.IsConnected)
		until(func() bool { return l.conn.FlushTimeout(time.Second) == nil })
	}
}

// requireNext waits for what arrives next, and checks that it is one vote of acceptor1, for slot.
func (w *world) requireNext(l *Link, slot paxos.Slot) {
	w.t.Helper()
	<-l.inbox.Ready()
	requireVotes(w.t, l, slot)
}

// requireVotes checks that a link's inbox holds the votes of acceptor1 for these slots, and nothing else.
func requireVotes(t *testing.T, l *Link, want ...paxos.Slot) {
	t.Helper()
	arrived := l.inbox.Take(nil)
	if len(arrived) != len(want) {
		t.Fatalf("%d messages arrived, want %d: %v", len(arrived), len(want), arrived)
	}
	for i, m := range arrived {
		accepted, ok := m.Body.(*paxos.Accepted)
		if !ok || m.From != acceptor1 || accepted.Span.First != want[i] {
			t.Errorf("message %d is %v, want a1's vote for slot %d", i, m, want[i])
		}
	}
}
