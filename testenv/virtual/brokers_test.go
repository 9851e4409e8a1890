package virtual

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

func TestABrokerThatRestartsEveryMinuteLosesNothing(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 1})
		defer c.End()
		for range minutes(3, 60) {
			time.Sleep(time.Minute)
			c.network.Kill(0)
			time.Sleep(time.Duration(c.random.IntN(10_000)) * time.Millisecond)
			c.network.Restart(0, nil)
		}
		c.Judge()
	})
}

// TestAReconnectStormPasses has every worker, and two hundred strangers who listen to hellos, lose a broker
// again and again. Everybody must come back with the subscriptions that he had, each once.
func TestAReconnectStormPasses(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 2})
		defer c.End()
		strangers := make([]*stranger, 200)
		for i := range strangers {
			strangers[i] = newStranger(c)
			defer strangers[i].conn.Close()
		}
		for range minutes(4, 50) {
			c.network.Kill(0)
			time.Sleep(time.Duration(c.random.IntN(1000)) * time.Millisecond)
			c.network.Restart(0, nil)
			time.Sleep(time.Duration(c.random.IntN(8000)) * time.Millisecond)
		}
		time.Sleep(10 * time.Second) // whoever waits to connect again waits no longer than four
		for _, s := range strangers {
			s.hellos = 0
		}
		time.Sleep(10 * time.Second)
		for i, s := range strangers {
			// Seven workers say hello once a second, and more often only to newcomers.
			if s.hellos < 60 || s.hellos > 80 {
				t.Errorf("stranger %d heard %d hellos in ten seconds, want about 70", i, s.hellos)
			}
		}
		c.Judge()
	})
}

// stranger is a client that listens to workers' hellos. Only while no message is on its way may hellos be read.
type stranger struct {
	conn   *nats.Conn
	hellos int
}

func newStranger(c *Cluster) *stranger {
	s := &stranger{}
	s.conn, _ = c.network.Connect(nats.CustomReconnectDelay(func(int) time.Duration { return time.Second }))
	if _, err := s.conn.Subscribe(subjects.Hellos(), func(*nats.Msg) { s.hellos++ }); err != nil {
		c.t.Fatal(err)
	}
	return s
}

func TestBrokersThatRetireOneConnectionAfterTheOtherLoseNothing(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 3, Lag: 5 * time.Millisecond, Sync: 3 * time.Millisecond})
		defer c.End()
		for range minutes(3, 30) {
			time.Sleep(20 * time.Second)
			c.network.Retire(0, time.Second)
			c.network.Restart(0, nil)
		}
		c.Judge()
	})
}

// TestBrokersThatTakeLessStopNothing has runs and pages be made for one broker and sent to another.
func TestBrokersThatTakeLessStopNothing(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 4})
		defer c.End()
		for i := range minutes(6, 60) {
			c.load.Burst(500)
			c.network.Kill(0)
			c.network.Restart(0, func(o *broker.Options) { o.MaxPayload = payloads[i%len(payloads)] })
			if i%2 == 1 { // it has to be taught all of the log in pages
				victim := c.of(paxos.RoleAcceptor)[i/2%3]
				victim.crash(uint64(i))
				time.Sleep(5 * time.Second)
				victim.start()
			}
			time.Sleep(10 * time.Second)
		}
		c.Judge("a message is larger than the broker takes")
	})
}

// TestAConnectionThatLosesEverythingIsGivenUp silences each worker's connection in turn: both ends think that
// it stands. The others go on, and it is back within seconds, by another connection.
func TestAConnectionThatLosesEverythingIsGivenUp(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 5})
		defer c.End()
		for range minutes(1, 10) {
			for _, w := range c.workers {
				before := w.line.Dials()
				w.line.Silence()
				c.within(10*time.Second, func() string {
					if w.line.Dials() == before {
						return fmt.Sprintf("%v has not noticed that its connection is silent", w.self)
					}
					return ""
				})
				time.Sleep(5 * time.Second)
			}
		}
		c.Judge()
	})
}

// TestAMinorityDoesNotChoose puts the leader on the wrong side of a partition, with one acceptor and a learner.
func TestAMinorityDoesNotChoose(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 6, Brokers: 2})
		defer c.End()
		for range minutes(2, 20) {
			minority := append(c.of(paxos.RoleAcceptor)[:1:1], c.leader(), c.of(paxos.RoleLearner)[0])
			learner := minority[2]
			for _, w := range minority {
				w.line.Move(1)
			}
			time.Sleep(5 * time.Second) // to connect to the other broker
			before := learner.record.last()
			acknowledged := c.load.history.Acknowledged()
			time.Sleep(30 * time.Second)
			if after := learner.record.last(); after != before {
				t.Errorf("beside a minority slots %d to %d were learned", before+1, after)
			}
			if c.load.history.Acknowledged() == acknowledged {
				t.Error("the majority acknowledged nothing")
			}
			for _, w := range minority {
				w.line.Move(0)
			}
			time.Sleep(10 * time.Second)
		}
		c.Judge()
	})
}
