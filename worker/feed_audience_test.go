package worker

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// listenings is how often a subscriber comes in the middle of a flood.
func listenings() int {
	if os.Getenv("SYNOD_LONG") != "" {
		return 2000
	}
	return 40
}

func TestWhoBeginsToListenInAFloodMissesNothingLearnedSince(t *testing.T) {
	b := startBroker(t, broker.Options{})
	f := newFlood(t, b.URL())
	conn := connect(t, b.URL())
	f.listensInTheMiddle(listenings(), conn, func() { f.flush(conn) })
}

func TestWhoBeginsToListenAtAnotherBrokerMissesNothingLearnedSince(t *testing.T) {
	brokers, err := broker.StartCluster(2)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range brokers {
		t.Cleanup(b.Shutdown)
	}
	f := newFlood(t, brokers[0].URL())
	near, far := connect(t, brokers[0].URL()), connect(t, brokers[1].URL())
	if _, err := near.Subscribe("sure", func(msg *nats.Msg) { _ = msg.Respond(nil) }); err != nil {
		t.Fatal(err)
	}
	f.listensInTheMiddle(listenings(), far, func() {
		// What one broker tells another comes in order: first what is listened to, then this.
		await(t, "the feeder's broker answers", func() bool {
			_, err := far.Request("sure", nil, time.Minute)
			return !errors.Is(err, nats.ErrNoResponders)
		})
	})
}

func TestWhileNobodyListensAValueStandsForAllThatWaited(t *testing.T) {
	b := startBroker(t, broker.Options{})
	f := newFlood(t, b.URL())
	if got := f.cost(200, 50); got != 200 {
		t.Errorf("10,000 values, 50 at a time, took %d messages, want 200", got)
	}
	if got := f.cost(50, worthAsking); got != 50*worthAsking {
		t.Errorf("%d values, few at a time, took %d messages", 50*worthAsking, got)
	}
}

func TestFewValuesAtATimeAskOnceManyWerePublished(t *testing.T) {
	b := startBroker(t, broker.Options{})
	f := newFlood(t, b.URL())
	if got := f.cost(askEvery, 1); got != askEvery || f.audience.published != askEvery {
		t.Errorf("%d values took %d messages, of which %d asked nothing", askEvery, got, f.audience.published)
	}
	if f.cost(1, 1); f.audience.published != 0 || f.audience.isThere {
		t.Error("the next does not ask, or nobody counts as somebody")
	}
}

func TestWhenAllHaveLeftTheFeedFallsSilentAgain(t *testing.T) {
	b := startBroker(t, broker.Options{})
	f := newFlood(t, b.URL())
	conn := connect(t, b.URL())
	l := f.listen(conn, func() { f.flush(conn) })
	if got := f.cost(100, 50); got != 5000 {
		t.Errorf("while somebody listened, 5,000 values took %d messages", got)
	}
	l.hears(5000)
	l.leave()
	f.flush(conn)
	await(t, "the feed is silent", func() bool { return f.cost(1, 50) == 1 })
	if got := f.cost(100, 50); got != 100 {
		t.Errorf("when all had left, 5,000 values took %d messages, want 100", got)
	}
}

func TestAnswersOfWhoListensDisturbNothing(t *testing.T) {
	b := startBroker(t, broker.Options{})
	f := newFlood(t, b.URL())
	conn := connect(t, b.URL())
	var answered atomic.Int64
	answer := func(msg *nats.Msg) {
		if msg.Reply != "" {
			answered.Add(1)
			for range 10 {
				_ = msg.Respond([]byte(`{"stream":"log","seq":1}`)) // as a stream does
				_ = msg.Respond(nil)
			}
		}
	}
	answering, err := conn.Subscribe(feedSubject, answer)
	if err != nil {
		t.Fatal(err)
	}
	l := f.listen(conn, func() { f.flush(conn) })
	if got := f.cost(200, 50); got != 10000 {
		t.Errorf("10,000 values took %d messages", got)
	}
	l.hears(10000)
	l.leave()
	_ = answering.Unsubscribe()
	f.flush(conn)
	if answered.Load() < 2 {
		t.Errorf("%d values asked for an answer, want some", answered.Load())
	}
	await(t, "the feed is silent", func() bool { return f.cost(1, 50) == 1 })
}

func TestAStreamThatCapturesTheFeedGetsAllOfIt(t *testing.T) {
	b := startBroker(t, broker.Options{Config: fmt.Sprintf(`jetstream { store_dir: %q }`, t.TempDir())})
	f := newFlood(t, b.URL())
	streams, err := jetstream.New(connect(t, b.URL()))
	if err != nil {
		t.Fatal(err)
	}
	config := jetstream.StreamConfig{Name: "feed", Subjects: []string{feedSubject}}
	stream, err := streams.CreateStream(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.cost(200, 50); got != 10000 {
		t.Errorf("10,000 values took %d messages", got)
	}
	await(t, "the stream has all", func() bool {
		info, err := stream.Info(t.Context())
		return err == nil && info.State.Msgs == 10000
	})
	if err := streams.DeleteStream(t.Context(), "feed"); err != nil {
		t.Fatal(err)
	}
	await(t, "the feed is silent", func() bool { return f.cost(1, 50) == 1 })
}

func TestAnAnswerToAnEarlierQuestionIsNoneToTheLast(t *testing.T) {
	b := startBroker(t, broker.Options{})
	f := newFlood(t, b.URL())
	conn := connect(t, b.URL())
	l := f.listen(conn, func() { f.flush(conn) })
	f.cost(2*askEvery/50, 50) // the last question was not waited for
	subject := f.audience.reply
	for range 10 { // the broker's answers to questions before it listened, which came late
		late := nats.NewMsg(subject)
		late.Header.Set("Status", "503")
		if err := conn.PublishMsg(late); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "they have come", func() bool { return len(f.audience.answers) == 10 })
	publish := f.publish
	f.publish = func(slot paxos.Slot, value *paxos.Value, reply string) {
		publish(slot, value, reply)
		if reply != "" && reply != subject { // another comes while it waits for the answer to this
			f.audience.answers <- &nats.Msg{Subject: subject, Header: nats.Header{"Status": {"503"}}}
		}
	}
	f.cost(1, 50) // hears that all have left, and asks
	if f.audience.reply == subject {
		t.Error("it asked again where answers to other questions may come")
	}
	f.cost(2, 50)
	l.hears(f.learned.Load())
}

func TestOnlyTheBrokerSaysThatNobodyListens(t *testing.T) {
	a := &audience{reply: "r.2", answers: make(chan *nats.Msg, 1)}
	nobody := nats.Header{"Status": {"503"}}
	for _, test := range []struct {
		msg  nats.Msg
		want bool
	}{
		{nats.Msg{Subject: "r.2", Header: nobody}, true},
		{nats.Msg{Subject: "r.1", Header: nobody}, false}, // to an earlier question
		{nats.Msg{Subject: "r.2", Header: nobody, Data: []byte("x")}, false},
		{nats.Msg{Subject: "r.2", Header: nats.Header{"Status": {"100"}}}, false},
		{nats.Msg{Subject: "r.2"}, false},
		{nats.Msg{Subject: "r.2", Data: []byte(`{"stream":"feed","seq":1}`)}, false},
	} {
		a.answers <- &test.msg
		if got := a.hearsOfNobody(); got != test.want {
			t.Errorf("%v on %s says that nobody listens: %v", test.msg.Header, test.msg.Subject, got)
		}
	}
}

func TestWithoutPermissionToHearAnswersTheFeedIsWhole(t *testing.T) {
	b := startBroker(t, broker.Options{Config: `authorization { users: [
		{user: learner, password: l, permissions: {subscribe: {deny: "$SRV.FEED.>"}}}
		{user: all, password: a} ] }`})
	f := newFlood(t, b.URL(), nats.UserInfo("learner", "l"))
	if got := f.cost(100, 50); got != 5000 {
		t.Errorf("5,000 values took %d messages", got)
	}
	conn := connect(t, b.URL(), nats.UserInfo("all", "a"))
	f.listensInTheMiddle(5, conn, func() { f.flush(conn) })
}

func TestAfterTheConnectionWasLostInAFloodWhoListensMissesNothing(t *testing.T) {
	b := startBroker(t, broker.Options{})
	f := newFlood(t, b.URL())
	for range 3 {
		end := f.begin()
		f.awaitLearned(f.learned.Load() + 1000)
		if err := b.Restart(); err != nil {
			t.Fatal(err)
		}
		await(t, "the feeder is connected again", func() bool {
			return f.conn.IsConnected() && f.conn.FlushTimeout(time.Second) == nil
		})
		end()
		conn := connect(t, b.URL())
		f.listensInTheMiddle(3, conn, func() { f.flush(conn) })
		await(t, "the feed is silent", func() bool { return f.cost(1, 50) == 1 })
	}
}
