package client_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/cluster"
)

// troupe plays workers: it says their hellos each second, and answers as them, in virtual time.
type troupe struct {
	t        *testing.T
	conn     *nats.Conn
	subjects *codec.Subjects
	members  paxos.Membership
	observer *client.Observer

	mutex  sync.Mutex
	hellos []paxos.Message
}

func onStage(t *testing.T, test func(*troupe)) {
	synctest.Test(t, func(t *testing.T) {
		started, err := broker.Start(broker.Options{InProcess: true})
		if err != nil {
			t.Fatal(err)
		}
		defer started.Shutdown()
		conn, err := nats.Connect(started.URL(), nats.InProcessServer(started))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		subjects, err := codec.NewSubjects("", "main")
		if err != nil {
			t.Fatal(err)
		}
		k := &troupe{t: t, conn: conn, subjects: subjects, members: membership("a1,a2,a3")}
		k.observer, err = client.NewObserver(conn, "main", client.ObserverOptions{})
		if err != nil {
			t.Fatal(err)
		}
		test(k)
		if err := k.observer.Close(); err != nil {
			t.Error(err)
		}
	})
}

// acceptor adds one of the members to the stage.
func (k *troupe) acceptor(id string, process byte) {
	member, _ := k.members.Member(id)
	k.say(paxos.RoleAcceptor, id, &paxos.Hello{
		Process: paxos.Nonce{process}, Position: 40, Highest: 42,
		Acceptor: &paxos.AcceptorHello{
			Store: member.Store, Boot: 1, Founders: k.members.IDs(), Membership: &k.members, Free: true,
		},
	})
}

func (k *troupe) say(role paxos.RoleKind, id string, hello *paxos.Hello) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.hellos = append(k.hellos, paxos.Message{
		From: paxos.Address{Role: role, ID: id}, Tag: k.members.Tag("main"), Body: hello,
	})
}

// answer has a worker answer who asks for its status.
func (k *troupe) answer(role paxos.RoleKind, id string, status map[string]any) {
	k.t.Helper()
	status["id"] = id
	data, err := json.Marshal(status)
	if err != nil {
		k.t.Fatal(err)
	}
	_, err = k.conn.Subscribe(k.subjects.Status(role, id), func(msg *nats.Msg) { _ = msg.Respond(data) })
	if err != nil {
		k.t.Fatal(err)
	}
}

// leave keeps the first so many on stage.
func (k *troupe) leave(first int) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.hellos = k.hellos[:first]
}

func (k *troupe) publish() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	for _, m := range k.hellos {
		_ = k.conn.Publish(k.subjects.Subject(m), codec.AppendMessage(nil, m.Tag, m.Body))
	}
}

// look plays for as long as a look takes.
func (k *troupe) look() client.StatusReport {
	k.t.Helper()
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			k.publish()
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
			}
		}
	}()
	report, err := k.observer.Look(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	close(stop)
	<-done
	return report
}

func (k *troupe) want(report client.StatusReport, verdict string) {
	k.t.Helper()
	if report.Verdict != verdict {
		k.t.Errorf("the verdict is\n%s, want\n%s", report.Verdict, verdict)
	}
}

func TestAnObserverPutsHellosAndAnswersTogether(t *testing.T) {
	onStage(t, func(k *troupe) {
		k.acceptor("a1", 1)
		k.acceptor("a3", 3)
		k.say(paxos.RoleProposer, "p1", &paxos.Hello{
			Process: paxos.Nonce{11}, Leading: true, Ballot: paxos.Ballot{Round: 7, Proposer: "p1"}, Position: 42,
		})
		k.say(paxos.RoleProposer, "p2", &paxos.Hello{Process: paxos.Nonce{12}, Position: 41})
		k.say(paxos.RoleLearner, "l1", &paxos.Hello{Process: paxos.Nonce{21}, Position: 42})
		k.say(paxos.RoleClient, "c1", &paxos.Hello{Process: paxos.Nonce{31}, Position: 9})
		// A hello is up to a second old, an answer is not: since then p2 took over.
		k.answer(paxos.RoleProposer, "p1", map[string]any{"state": "standby", "ballot": "8.p2"})
		k.answer(paxos.RoleProposer, "p2", map[string]any{
			"state": "leading", "ballot": "8.p2", "held": 5, "in_flight": 2, "unheard_of": []int{1},
			"heard": []any{map[string]any{"acceptor": "a2", "ms_ago": 41_000}},
		})
		k.answer(paxos.RoleLearner, "l1", map[string]any{"learned": 42, "target": 42, "delivered": 30})
		report := k.look()
		k.want(report, "main: making progress; 2 of 3 acceptors, p2 leads (ballot 8); can lose none; "+
			"missing a2 (last heard 41 s ago)")
		if got := report.Learners; len(got) != 1 || got[0].Delivered != 30 || got[0].Lag != 12 {
			t.Errorf("the learners are %+v", got)
		}
		if p2 := report.Proposers[1]; p2.Held != 5 || p2.Flight != 2 || p2.Learned != 41 {
			t.Errorf("p2 is %+v", p2)
		}
		if a1 := report.Acceptors[0]; a1.Settled != 40 || a1.Highest != 42 || *a1.LastHeard > 1000 {
			t.Errorf("a1 is %+v", a1)
		}
		if report.Clients != 1 {
			t.Errorf("%d clients follow the log, want 1", report.Clients)
		}
	})
}

func TestAnObserverRemembersWhenItHeardAnAcceptor(t *testing.T) {
	onStage(t, func(k *troupe) {
		for i, id := range k.members.IDs() {
			k.acceptor(id, byte(i+1))
		}
		k.look()
		k.leave(1)
		time.Sleep(time.Minute)
		report := k.look()
		k.want(report, "main: stalled, 1 of 3 acceptors answering (need 2); "+
			"missing a2 (last heard 63 s ago), a3 (last heard 63 s ago)")
		if report.State != client.Stalled {
			t.Errorf("the state is %s", report.State)
		}
	})
}

// While all acceptors are away, those that work with them still know who they are.
func TestAnObserverTakesTheMembershipFromAnswersToo(t *testing.T) {
	onStage(t, func(k *troupe) {
		k.say(paxos.RoleProposer, "p1", &paxos.Hello{Process: paxos.Nonce{11}})
		var members []any
		for _, member := range k.members.Members {
			members = append(members, map[string]any{"id": member.ID, "store": hex.EncodeToString(member.Store[:])})
		}
		tag := k.members.Tag("main")
		k.answer(paxos.RoleProposer, "p1", map[string]any{
			"state": "candidate", "ballot": "9.p1",
			"membership": map[string]any{"epoch": 1, "tag": tag.String(), "members": members},
		})
		k.want(k.look(), "main: stalled, 0 of 3 acceptors answering (need 2); "+
			"missing a1 (never), a2 (never), a3 (never)")
	})
}

// On a busy machine a hello may be late; it is waited for before anybody is called missing.
func TestALateHelloIsWaitedFor(t *testing.T) {
	onStage(t, func(k *troupe) {
		k.acceptor("a1", 1)
		k.acceptor("a2", 2)
		k.say(paxos.RoleProposer, "p1", &paxos.Hello{
			Process: paxos.Nonce{11}, Leading: true, Ballot: paxos.Ballot{Round: 7, Proposer: "p1"},
		})
		go func() {
			time.Sleep(1500 * time.Millisecond)
			k.acceptor("a3", 3)
		}()
		k.want(k.look(), "main: making progress; 3 of 3 acceptors, p1 leads (ballot 7); can lose 1")
	})
}

func TestALeaderThatLeftDoesNotLead(t *testing.T) {
	onStage(t, func(k *troupe) {
		for i, id := range k.members.IDs()[:2] {
			k.acceptor(id, byte(i+1))
		}
		k.say(paxos.RoleProposer, "p1", &paxos.Hello{
			Process: paxos.Nonce{11}, Leading: true, Ballot: paxos.Ballot{Round: 7, Proposer: "p1"},
		})
		go func() {
			time.Sleep(500 * time.Millisecond)
			k.leave(2)
		}()
		k.want(k.look(), "main: stalled, no proposer answers; 2 of 3 acceptors; missing a3 (never)")
	})
}

func TestARestartIsNoTwinAndTwinsAre(t *testing.T) {
	onStage(t, func(k *troupe) {
		k.acceptor("a1", 1)
		k.acceptor("a1", 2) // each second both speak
		k.acceptor("a2", 3)
		k.acceptor("a3", 4)
		if got := k.look().Acceptors[0].State; got != client.AcceptorTwice {
			t.Errorf("a1 is %q, want %q", got, client.AcceptorTwice)
		}
	})
	onStage(t, func(k *troupe) {
		k.acceptor("a1", 1)
		go func() {
			time.Sleep(500 * time.Millisecond)
			k.leave(0)
			k.acceptor("a1", 2)
		}()
		if got := k.look().Acceptors[0].State; got != client.AcceptorVoting {
			t.Errorf("a1 is %q, want %q", got, client.AcceptorVoting)
		}
	})
}

func TestAWorkerOfALaterVersionIsNamed(t *testing.T) {
	onStage(t, func(k *troupe) {
		k.acceptor("a1", 1)
		k.acceptor("a2", 2)
		go func() {
			time.Sleep(100 * time.Millisecond)
			later := codec.AppendMessage(nil, paxos.Tag{}, &paxos.Hello{})
			later[1]++ // the version
			_ = k.conn.Publish("synod.main.a.a3.hello", later)
			_ = k.conn.Publish("synod.main.x.x1.hello", later) // no role that is known: passed over
		}()
		report := k.look()
		if got := report.Acceptors[2].State; got != client.AcceptorForeign {
			t.Errorf("a3 is %q, want %q", got, client.AcceptorForeign)
		}
		if next := strings.Join(report.Next, "\n"); !strings.Contains(next, "acceptor a3 is not understood: version 2") {
			t.Errorf("the advice is %q", next)
		}
	})
}

func TestSilenceIsToldFromALostConnection(t *testing.T) {
	onStage(t, func(k *troupe) {
		k.want(k.look(), "main: stalled, nobody answers")
		k.conn.Close()
		report, err := k.observer.Look(k.t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if report.State != client.Unseen {
			t.Errorf("the state is %q without a connection", report.State)
		}
		k.observer, err = client.NewObserver(k.conn, "main", client.ObserverOptions{})
		if err == nil {
			t.Error("a closed connection can be observed")
		}
		k.observer = &client.Observer{}
	})
}

func TestAnObserverThatMayNotListenSaysSo(t *testing.T) {
	started, err := broker.Start(broker.Options{Config: `authorization {
		users = [{user: outsider, password: x, permissions: {publish: ">", subscribe: "_INBOX.>"}}]
	}`})
	if err != nil {
		t.Fatal(err)
	}
	defer started.Shutdown()
	report := observe(t, started, nats.UserInfo("outsider", "x"))
	if report.State != client.Unseen || !strings.Contains(report.Verdict, "synod.main.*.*.hello") {
		t.Errorf("it is %s: %s", report.State, report.Verdict)
	}
}

func TestAStreamThatAnswersInOurPlaceIsNamed(t *testing.T) {
	started, err := broker.Start(broker.Options{Config: `jetstream { store_dir: "` + t.TempDir() + `" }`})
	if err != nil {
		t.Fatal(err)
	}
	defer started.Shutdown()
	conn, err := nats.Connect(started.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stream := `{"name":"ORDERS","subjects":["synod.*.propose"],"storage":"memory"}`
	if _, err := conn.RequestWithContext(t.Context(), "$JS.API.STREAM.CREATE.ORDERS", []byte(stream)); err != nil {
		t.Fatal(err)
	}
	report := observe(t, started)
	if next := strings.Join(report.Next, "\n"); !strings.Contains(next, "stream ORDERS captures synod.main.propose") {
		t.Errorf("the advice is %q", next)
	}
}

func observe(t *testing.T, started *broker.Broker, options ...nats.Option) client.StatusReport {
	t.Helper()
	options = append(options, nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	conn, err := nats.Connect(started.URL(), options...)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	observer, err := client.NewObserver(conn, "main", client.ObserverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := observer.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// What workers answer is read by names that this package has written down once more: they must
// agree.
func TestARunningLogIsHealthy(t *testing.T) {
	c := cluster.Start(t, cluster.Options{})
	conn := c.Connect()
	propose(t, conn)
	observer, err := client.NewObserver(conn, "main", client.ObserverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var report client.StatusReport
	for { // a busy machine may be late with a hello
		if report, err = observer.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if report.State == client.Healthy && len(report.Learners) == 1 && report.Learners[0].Delivered == 1 {
			break
		}
	}
	if want := "main: making progress; 3 of 3 acceptors, " + report.Leader + " leads"; !strings.HasPrefix(report.Verdict, want) {
		t.Errorf("the verdict is %q", report.Verdict)
	}
	for _, a := range report.Acceptors {
		if a.State != client.AcceptorVoting || a.Highest != 1 || a.Promised != report.Ballot {
			t.Errorf("acceptor %+v", a)
		}
	}
	if standby := len(report.Proposers); standby != 2 {
		t.Errorf("%d proposers, want 2", standby)
	}
}

func propose(t *testing.T, conn *nats.Conn) {
	t.Helper()
	if _, err := conn.RequestWithContext(t.Context(), "synod.main.propose", []byte("red")); err != nil {
		t.Fatal(err)
	}
}
