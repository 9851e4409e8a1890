package virtual

import (
	"testing"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// TestAConsumerThatIsSlowHoldsNobodyUp gives a learner's consumer more than it can take, and the learner
// little room for it. The learner lags, and has everything once its consumer is well.
func TestAConsumerThatIsSlowHoldsNobodyUp(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 7, BufferBytes: 32 << 10})
		defer c.End()
		slow, other := c.worker("l1"), c.worker("l2")
		c.feedSlowly(slow.self, 20*time.Second)
		for range minutes(10, 100) {
			c.load.Burst(300)
			time.Sleep(6 * time.Second)
		}
		if slow.record.last() >= other.record.last() {
			t.Errorf("the slow one was given %d slots of %d: it is not slow", slow.record.last(), other.record.last())
		}
		c.feedSlowly(slow.self, 0)
		c.Judge()
	})
}

// TestABrokerGivesAWorkerUpThatDoesNotRead has a worker's connection stand still, so that the broker closes
// it as a slow consumer's. It comes back and has everything, and nobody else notices.
func TestABrokerGivesAWorkerUpThatDoesNotRead(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 8, Broker: broker.Options{
			MaxPayload: 64 << 10, Config: "max_pending: 64KB\nwrite_deadline: \"2s\"\n",
		}})
		defer c.End()
		for range minutes(1, 10) {
			for _, w := range append(c.of(paxos.RoleAcceptor)[:1:1], c.of(paxos.RoleLearner)[:1]...) {
				before, acknowledged := w.line.Dials(), c.load.history.Acknowledged()
				w.line.Hold()
				for range 10 {
					c.load.Burst(300)
					time.Sleep(2 * time.Second)
				}
				if c.load.history.Acknowledged() < acknowledged+10*300 {
					t.Errorf("while %v stood still not everything was acknowledged", w.self)
				}
				w.line.Let()
				time.Sleep(10 * time.Second)
				if w.line.Dials() == before {
					t.Errorf("the broker did not give %v up", w.self)
				}
			}
		}
		c.Judge()
	})
}
