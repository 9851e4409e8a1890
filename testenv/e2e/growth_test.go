package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

// most is how much memory a worker may take, whatever the log's length.
const most = 200 << 20

// TestMemoryDoesNotGrowWithTheLog fills a log, and looks at what its acceptors hold, how soon one is back
// after it was killed, and what a learner holds that reads it all.
func TestMemoryDoesNotGrowWithTheLog(t *testing.T) {
	c := startCluster(t)
	count := times(100_000, 1_000_000)
	last := fill(t, c, count)
	for _, id := range []string{"a1", "a2", "a3"} {
		requireMemory(t, c, id)
	}
	began := time.Now()
	c.workers["a2"].Kill()
	c.start("a2")
	c.workers["a2"].AwaitTalk("connected to NATS", patience)
	t.Logf("acceptor a2 restarted with %d values in %v", count, time.Since(began).Round(time.Millisecond))
	requireMemory(t, c, "a2")

	began = time.Now()
	c.start("l3")
	c.awaitPrinted("l3", int(last))
	t.Logf("learner l3 read %d slots in %v", last, time.Since(began).Round(time.Millisecond))
	requireMemory(t, c, "l3")
}

func requireMemory(t *testing.T, c *cluster, id string) {
	t.Helper()
	memory := c.workers[id].Memory()
	t.Logf("%s holds %d MiB", id, memory>>20)
	if memory > most {
		t.Errorf("%s holds %d bytes, want %d at most", id, memory, most)
	}
}

// fill proposes so many values and returns the last slot.
func fill(t *testing.T, c *cluster, count int) uint64 {
	t.Helper()
	log, err := client.New(c.connect(), "main", client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	last := uint64(0)
	for done := 0; done < count; {
		slots := proposeNumbered(ctx, t, log, done, min(10_000, count-done))
		done += len(slots)
		last = slots[len(slots)-1]
	}
	return last
}

// TestFollowersCostAcceptorsNothing fills a log while one follows it, and while many do, in turn, and tells
// what the acceptors' processors had to do with it. The figures are for people to judge: machines are noisy.
func TestFollowersCostAcceptorsNothing(t *testing.T) {
	c := startCluster(t)
	count := times(10_000, 100_000)
	for range times(1, 3) {
		for _, followers := range []int{1, 100} {
			stop := follow(t, c, followers)
			before := c.acceptorTime()
			fill(t, c, count)
			used := c.acceptorTime() - before
			stop()
			t.Logf("%3d followers: %.2f µs of the acceptors' processors for each of %d values",
				followers, float64(used.Microseconds())/float64(count), count)
		}
	}
}

// acceptorTime is the processor time that all acceptors have used.
func (c *cluster) acceptorTime() time.Duration {
	return c.workers["a1"].Processor() + c.workers["a2"].Processor() + c.workers["a3"].Processor()
}

// follow starts followers of the log's feed, which end with stop. Each must get of what is chosen meanwhile, if later.
func follow(t *testing.T, c *cluster, count int) (stop func()) {
	t.Helper()
	conn, err := nats.Connect(c.url)
	if err != nil {
		t.Fatal(err)
	}
	subscriptions := make([]*nats.Subscription, count)
	for i := range subscriptions {
		subscriptions[i], err = conn.Subscribe("synod.main.chosen", func(*nats.Msg) {})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return func() {
		for i, subscription := range subscriptions {
			for patience := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
				delivered, err := subscription.Delivered()
				if err == nil && delivered > 0 {
					break
				}
				if err != nil || time.Now().After(patience) {
					t.Fatalf("follower %d got %d messages (%v)", i, delivered, err)
				}
			}
		}
		conn.Close()
	}
}
