package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/cluster"
)

// connect connects until the test ends, to a broker that may come later and go in between.
func connect(t *testing.T, url string) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(url, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(10*time.Millisecond), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func newClient(t *testing.T, url string, options client.Options) *client.Client {
	t.Helper()
	log, err := client.New(connect(t, url), "main", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	return log
}

// text is the value of the nth proposal of a test.
func text(n int) string { return fmt.Sprintf("value %d", n) }

// proposeAll proposes so many values, numbered from first.
func proposeAll(t *testing.T, log *client.Client, first, count int) {
	t.Helper()
	proposals := make([]client.Proposal, count)
	for i := range proposals {
		proposals[i].Value = []byte(text(first + i))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := log.ProposeAll(ctx, proposals); err != nil {
		t.Errorf("proposing: %v", err)
	}
}

// requireEntries reads from a slot on until it has seen so many values, and requires that no slot is missing
// or comes twice, and that each value comes once. It returns the slot to go on at.
func requireEntries(t *testing.T, log *client.Client, from uint64, count int, each func(client.Entry)) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	seen := map[string]bool{}
	for entry, err := range log.Entries(ctx, from) {
		if err != nil {
			t.Fatalf("reading ended at slot %d: %v", from, err)
		}
		if entry.Slot != from {
			t.Fatalf("slot %d came, want %d", entry.Slot, from)
		}
		from++
		if each != nil {
			each(entry)
		}
		if entry.Noop {
			continue
		}
		if seen[string(entry.Value)] {
			t.Fatalf("%q came twice", entry.Value)
		}
		seen[string(entry.Value)] = true
		if len(seen) == count {
			break
		}
	}
	for n := range count {
		if !seen[text(n)] {
			t.Fatalf("%q is missing", text(n))
		}
	}
	return from
}

// ways are the two ways to learn.
func ways(t *testing.T, test func(t *testing.T, options func(url string) client.Options)) {
	t.Run("by the feed and reads", func(t *testing.T) {
		test(t, func(string) client.Options { return client.Options{} })
	})
	t.Run("by learning", func(t *testing.T) {
		test(t, func(url string) client.Options {
			quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
			return client.Options{Learn: &link.Options{URL: url, Logger: quiet}}
		})
	})
}

func TestEntriesComeInOrderFromTheFirstAndThenLive(t *testing.T) {
	c := cluster.Start(t, cluster.Options{})
	ways(t, func(t *testing.T, options func(string) client.Options) {
		log := newClient(t, c.Broker.URL(), options(c.Broker.URL()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		header := nats.Header{"Trace": {"a", "b"}}
		first, err := log.Propose(ctx, client.Proposal{Value: []byte("first"), Header: header})
		if err != nil {
			t.Fatal(err)
		}
		var proposing sync.WaitGroup
		defer proposing.Wait()
		next := first.Slot
		for entry, err := range log.Entries(ctx, first.Slot) {
			if err != nil {
				t.Fatal(err)
			}
			if entry.Slot != next {
				t.Fatalf("slot %d came, want %d", entry.Slot, next)
			}
			if next++; entry.Slot == first.Slot {
				if string(entry.Value) != "first" || len(entry.Header["Trace"]) != 2 || entry.Noop {
					t.Errorf("the entry is %+v", entry)
				}
				if age := time.Since(entry.Time); age < 0 || age > time.Minute {
					t.Errorf("it was first proposed %v ago", age)
				}
			}
			if string(entry.Value) == "last" {
				break
			}
			if next < first.Slot+5 {
				proposing.Go(func() { proposeOne(ctx, t, log, "more") })
			} else if next == first.Slot+5 {
				proposing.Go(func() { proposeOne(ctx, t, log, "last") })
			}
		}
	})
}

func proposeOne(ctx context.Context, t *testing.T, log *client.Client, value string) {
	if _, err := log.Propose(ctx, client.Proposal{Value: []byte(value)}); err != nil {
		t.Errorf("proposing %s: %v", value, err)
	}
}

func TestASlowConsumerLagsAndLosesNothing(t *testing.T) {
	ways(t, func(t *testing.T, options func(string) client.Options) {
		c := cluster.Start(t, cluster.Options{})
		proposing := newClient(t, c.Broker.URL(), client.Options{})
		o := options(c.Broker.URL())
		o.BufferBytes = 32 << 10
		const count = 5000
		var wait sync.WaitGroup
		wait.Go(func() {
			for first := 0; first < count; first += 500 {
				proposeAll(t, proposing, first, 500)
			}
		})
		requireEntries(t, newClient(t, c.Broker.URL(), o), 1, count, func(entry client.Entry) {
			if entry.Slot%500 == 0 {
				time.Sleep(50 * time.Millisecond)
			}
		})
		wait.Wait()
	})
}

func TestWithAFifthOfAllMessagesLostEachEntryComesOnceInOrder(t *testing.T) {
	ways(t, func(t *testing.T, options func(string) client.Options) {
		c := cluster.Start(t, cluster.Options{})
		proposing := newClient(t, c.Broker.URL(), client.Options{})
		proxy := startLossy(t, c.Broker.URL(), 20)
		const count = 1000
		var wait sync.WaitGroup
		wait.Go(func() {
			for first := 0; first < count; first += 50 {
				proposeAll(t, proposing, first, 50)
			}
		})
		requireEntries(t, newClient(t, proxy.url(), options(proxy.url())), 1, count, nil)
		wait.Wait()
		if proxy.dropped.Load() == 0 {
			t.Error("nothing was lost: the test shows nothing")
		}
	})
}

func TestWithAFifthOfAllOutcomesLostEachProposalIsAcknowledgedAndChosenOnce(t *testing.T) {
	c := cluster.Start(t, cluster.Options{})
	proxy := startLossy(t, c.Broker.URL(), 20)
	proposing := newClient(t, proxy.url(), client.Options{AttemptTimeout: 50 * time.Millisecond})
	const count = 1000
	for first := 0; first < count; first += 50 {
		proposeAll(t, proposing, first, 50)
	}
	requireEntries(t, newClient(t, c.Broker.URL(), client.Options{}), 1, count, nil)
}

func TestEntriesAndProposalsOutliveARestartOfTheBroker(t *testing.T) {
	ways(t, func(t *testing.T, options func(string) client.Options) {
		c := cluster.Start(t, cluster.Options{})
		log := newClient(t, c.Broker.URL(), options(c.Broker.URL()))
		var wait sync.WaitGroup
		wait.Go(func() {
			proposeAll(t, log, 0, 500)
			proposeAll(t, log, 500, 500) // the broker is away for some of it
		})
		restarted := false
		requireEntries(t, log, 1, 1000, func(client.Entry) {
			if !restarted {
				restarted = true
				if err := c.Broker.Restart(); err != nil {
					t.Error(err)
				}
			}
		})
		wait.Wait()
	})
}

func TestAClientMayComeBeforeItsBroker(t *testing.T) {
	b, err := broker.Start(broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Shutdown)
	b.Shutdown()
	log := newClient(t, b.URL(), client.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = log.Propose(ctx, client.Proposal{})
	if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a broker a proposal became %v", err)
	}
	for _, err := range log.Entries(ctx, 1) {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without a broker reading became %v", err)
		}
	}
	if err := b.Restart(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for _, err := range log.Entries(ctx, 1) {
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, client.ErrNoLearner) {
			t.Errorf("without a learner reading became %v", err)
		}
	}
}

func TestReadingThatIsBrokenOffLeavesNothingBehind(t *testing.T) {
	c := cluster.Start(t, cluster.Options{})
	conn := connect(t, c.Broker.URL())
	log, err := client.New(conn, "main", client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	proposeAll(t, log, 0, 10)
	before, goroutines := conn.NumSubscriptions(), runtime.NumGoroutine()
	for range 20 {
		requireEntries(t, log, 1, 10, nil)
	}
	if got := conn.NumSubscriptions(); got != before {
		t.Errorf("%d subscriptions are left, want %d", got, before)
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines+5; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left, want about %d", runtime.NumGoroutine(), goroutines)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAnIDProposedAgainHasTheSlotItHad(t *testing.T) {
	c := cluster.Start(t, cluster.Options{})
	log := newClient(t, c.Broker.URL(), client.Options{})
	same := []client.Proposal{{Value: []byte("tea"), ID: "order-17"}, {Value: []byte("tea"), ID: "order-17"}}
	outcomes, err := log.ProposeAll(t.Context(), same)
	if err != nil || outcomes[0].Slot != outcomes[1].Slot || outcomes[0].Duplicate || !outcomes[1].Duplicate {
		t.Errorf("in one call: %+v, %v", outcomes, err)
	}
	again, err := log.Propose(t.Context(), client.Proposal{Value: []byte("coffee"), ID: "order-17"})
	if err != nil || again != outcomes[1] {
		t.Errorf("later: %+v, %v; want %+v", again, err, outcomes[1])
	}
	msg := nats.NewMsg("synod.main.propose")
	msg.Header.Set(nats.MsgIdHdr, "order-17")
	reply, err := connect(t, c.Broker.URL()).RequestMsg(msg, time.Minute)
	want := fmt.Sprintf(`{"log":"main","slot":%d,"duplicate":true}`, again.Slot)
	if err != nil || string(reply.Data) != want {
		t.Errorf("as a plain request: %s, %v; want %s", reply.Data, err, want)
	}
}

func TestEntriesEndWhenTheClientIsClosed(t *testing.T) {
	c := cluster.Start(t, cluster.Options{})
	for name, options := range map[string]client.Options{
		"by the feed": {}, "by learning": {Learn: &link.Options{URL: c.Broker.URL()}},
	} {
		log := newClient(t, c.Broker.URL(), options)
		ended := make(chan error, 1)
		go func() {
			var last error
			for _, err := range log.Entries(context.Background(), 1) {
				last = err
			}
			ended <- last
		}()
		time.Sleep(50 * time.Millisecond) // it may have begun, or not: it must end either way
		log.Close()
		select {
		case err := <-ended:
			if !errors.Is(err, client.ErrClosed) {
				t.Errorf("%s: it ended with %v, want ErrClosed", name, err)
			}
		case <-time.After(time.Minute):
			t.Errorf("%s: it goes on after Close", name)
		}
	}
}

func TestAnAbsurdSlotOnTheFeedDoesNotMakeReadersDeafToIt(t *testing.T) {
	c := cluster.Start(t, cluster.Options{})
	log := newClient(t, c.Broker.URL(), client.Options{})
	conn := connect(t, c.Broker.URL())
	proposeAll(t, log, 0, 1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var wait sync.WaitGroup
	defer wait.Wait() // before the client is closed
	next := uint64(1)
	for entry, err := range log.Entries(ctx, 1) {
		if err != nil || entry.Slot != next {
			t.Fatalf("slot %d came (%v), want %d", entry.Slot, err, next)
		}
		next++
		switch next {
		case 2:
			forged := nats.NewMsg("synod.main.chosen")
			forged.Header.Set("Synod-Log", "main")
			forged.Header.Set("Synod-Slot", "1000000000000")
			if err := conn.PublishMsg(forged); err != nil {
				t.Fatal(err)
			}
			wait.Go(func() { proposeAll(t, log, 1, 200) })
		case 202:
			return
		}
	}
}

func TestALateLearnerThatLosesAFifthOfItsMessagesGetsAllAndThenFollows(t *testing.T) {
	count, live := 20_000, 1000
	if os.Getenv("SYNOD_LONG") != "" {
		count = 1_000_000
	}
	c := cluster.Start(t, cluster.Options{})
	proposing := newClient(t, c.Broker.URL(), client.Options{})
	for first := 0; first < count; first += 5000 {
		proposeAll(t, proposing, first, 5000)
	}
	proxy := startLossy(t, c.Broker.URL(), 20)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	learner := newClient(t, proxy.url(), client.Options{Learn: &link.Options{URL: proxy.url(), Logger: quiet}})
	var wait sync.WaitGroup
	requireEntries(t, learner, 1, count+live, func(entry client.Entry) {
		if entry.Slot == uint64(count) { // it is level: from here on it follows
			wait.Go(func() {
				for first := count; first < count+live; first += 50 {
					proposeAll(t, proposing, first, 50)
				}
			})
		}
	})
	wait.Wait()
	t.Logf("%d entries, each once and in order, with %d messages lost", count+live, proxy.dropped.Load())
	if proxy.dropped.Load() == 0 {
		t.Error("nothing was lost: the test shows nothing")
	}
}
