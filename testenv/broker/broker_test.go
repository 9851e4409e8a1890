package broker

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
)

func TestABrokerRestartsOnItsPort(t *testing.T) {
	b := start(t, Options{})
	before := b.URL()
	conn := connect(t, b.URL())
	b.Shutdown()
	b.Shutdown() // twice does no harm
	if _, err := nats.Connect(before); err == nil {
		t.Fatal("connected to a broker that is shut down")
	}
	if err := b.Restart(); err != nil {
		t.Fatal(err)
	}
	if b.URL() != before {
		t.Errorf("restarted at %s, want %s", b.URL(), before)
	}
	for !conn.IsConnected() {
		time.Sleep(10 * time.Millisecond)
	}
	requireEcho(t, conn, conn)
}

func TestATakenPortIsAnError(t *testing.T) {
	first := start(t, Options{})
	second, err := Start(Options{Port: first.Port()})
	if err == nil {
		second.Shutdown()
		t.Fatal("two brokers on one port")
	}
	if !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %q, want it to say that the address is in use", err)
	}
}

func TestABrokerHasTheSettingsAskedFor(t *testing.T) {
	b := start(t, Options{
		MaxPayload: 4096,
		Config: `authorization { users: [
			{user: ann, password: a, permissions: {publish: ["x"], subscribe: ["_INBOX.>"]}}
			{user: bob, password: b}
		] }`,
	})
	if _, err := nats.Connect(b.URL()); err == nil {
		t.Error("a stranger connected")
	}
	conn := connect(t, b.URL(), nats.UserInfo("bob", "b"))
	if got := conn.MaxPayload(); got != 4096 {
		t.Errorf("max payload is %d, want 4096", got)
	}
	if got := b.running.JetStreamEnabled(); got {
		t.Error("JetStream is enabled")
	}
	if _, err := Start(Options{Config: "authorization {"}); err == nil {
		t.Error("started with a configuration that does not parse")
	}
}

func TestAnInProcessBrokerLivesInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := Start(Options{InProcess: true})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := nats.Connect(b.URL(), nats.InProcessServer(b), nats.MaxReconnects(-1))
		if err != nil {
			t.Fatal(err)
		}
		requireEcho(t, conn, conn)
		b.Shutdown()
		time.Sleep(time.Minute) // of the bubble
		if conn.IsConnected() {
			t.Error("connected to a broker that is shut down")
		}
		if err := b.Restart(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		requireEcho(t, conn, conn)
		conn.Close()
		b.Shutdown()
	})
}

func TestBrokersOfAClusterRouteToEachOther(t *testing.T) {
	brokers, err := StartCluster(3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shutdown(brokers) })
	requireEcho(t, connect(t, brokers[0].URL()), connect(t, brokers[2].URL()))

	brokers[1].Shutdown()
	requireEcho(t, connect(t, brokers[2].URL()), connect(t, brokers[0].URL()))

	if err := brokers[1].Restart(); err != nil {
		t.Fatal(err)
	}
	if err := awaitRoutes(brokers); err != nil {
		t.Fatal(err)
	}
	requireEcho(t, connect(t, brokers[1].URL()), connect(t, brokers[0].URL()))
}

func TestABrokerLogsOnlyWhereAsked(t *testing.T) {
	var text strings.Builder
	b := start(t, Options{Logger: slog.New(slog.NewTextHandler(&text, nil))})
	b.Shutdown()
	if !strings.Contains(text.String(), "Server is ready") {
		t.Errorf("logged %q, want it to say that the server is ready", text.String())
	}
}

// requireEcho checks that a request from one connection is answered on the other.
func requireEcho(t *testing.T, from, to *nats.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	sub, err := to.Subscribe("echo", func(msg *nats.Msg) { _ = msg.Respond(msg.Data) })
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe()
	if err := to.FlushWithContext(ctx); err != nil {
		t.Fatal(err)
	}
	for {
		answer, err := from.RequestWithContext(ctx, "echo", []byte("hello"))
		if err == nats.ErrNoResponders {
			time.Sleep(10 * time.Millisecond) // the interest is still on its way to the other broker
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if string(answer.Data) != "hello" {
			t.Errorf("got %q back, want %q", answer.Data, "hello")
		}
		return
	}
}

func start(t *testing.T, options Options) *Broker {
	t.Helper()
	b, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Shutdown)
	return b
}

func connect(t *testing.T, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(url, append(options, nats.MaxReconnects(-1),
		nats.ReconnectWait(20*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}
