package virtual

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// Options say what a cluster is like. The zero value is three acceptors, two proposers, two learners and
// one broker that asks nobody who he is.
type Options struct {
	Seed                           uint64
	Acceptors, Proposers, Learners int
	Clients                        int            // of each kind: by the library, and with plain requests; 0: two
	Brokers                        int            // that do not know each other
	Broker                         broker.Options // of each; its Config is followed by that of the access
	Access                         func(t *testing.T, everybody []paxos.Address) access

	ControlBytes int           // of workers' inboxes; 0: the default
	BufferBytes  int           // of learners; 0: the default
	Lag          time.Duration // what passes a line takes up to this
	Sync         time.Duration // what a sync takes
}

// Cluster is the workers and clients of one log.
type Cluster struct {
	t        *testing.T
	options  Options
	random   *rand.Rand // of the goroutine that runs the test
	network  *Network
	access   access
	workers  []*Worker
	clients  []paxos.Address
	observer *nats.Conn
	said     *transcript
	load     *load
	began    time.Time

	mutex sync.Mutex
	full  map[paxos.Address]time.Duration // learners that are slow to take a run, and how slow
}

// Start starts a cluster, and returns when one of its proposers leads. End ends it.
func Start(t *testing.T, o Options) *Cluster {
	t.Helper()
	c := &Cluster{
		t: t, options: o, random: rand.New(rand.NewPCG(o.Seed, 0)), said: &transcript{}, began: time.Now(),
		full: make(map[paxos.Address]time.Duration),
	}
	c.add(paxos.RoleAcceptor, cmp.Or(o.Acceptors, 3))
	c.add(paxos.RoleProposer, cmp.Or(o.Proposers, 2))
	c.add(paxos.RoleLearner, cmp.Or(o.Learners, 2))
	everybody := c.addresses()
	for i := range 2 * cmp.Or(o.Clients, 2) {
		c.clients = append(c.clients, paxos.Address{Role: paxos.RoleClient, ID: fmt.Sprint("c", i+1)})
	}
	c.access = open{}
	if o.Access != nil {
		c.access = o.Access(t, append(everybody, c.clients...))
	}
	o.Broker.Config += c.access.config() // c.options keeps it as it was: see reload
	c.network = NewNetwork(t, cmp.Or(o.Brokers, 1), o.Broker)
	for _, w := range c.workers {
		w.line = c.network.Line()
		w.line.Slow(o.Lag)
		w.start()
	}
	c.observer, _ = c.network.Connect(c.access.options("", "")...)
	c.awaitLeader()
	c.load = startLoad(c)
	return c
}

func (c *Cluster) add(role paxos.RoleKind, count int) {
	for i := range count {
		w := &Worker{cluster: c, self: paxos.Address{Role: role, ID: fmt.Sprint(string(role), i+1)}}
		switch role {
		case paxos.RoleAcceptor:
			w.disk = newDisk()
			w.disk.slow.Store(int64(c.options.Sync))
		case paxos.RoleLearner:
			w.record = &record{name: w.self.String(), from: 1}
		}
		c.workers = append(c.workers, w)
	}
}

func (c *Cluster) addresses() []paxos.Address {
	var all []paxos.Address
	for _, w := range c.workers {
		all = append(all, w.self)
	}
	return all
}

// of returns the workers of a role.
func (c *Cluster) of(role paxos.RoleKind) []*Worker {
	var all []*Worker
	for _, w := range c.workers {
		if w.self.Role == role {
			all = append(all, w)
		}
	}
	return all
}

// worker returns the worker with an id.
func (c *Cluster) worker(id string) *Worker {
	for _, w := range c.workers {
		if w.self.ID == id {
			return w
		}
	}
	c.t.Fatalf("there is no worker %s", id)
	return nil
}

func (c *Cluster) founders() []string {
	var ids []string
	for _, w := range c.of(paxos.RoleAcceptor) {
		ids = append(ids, w.self.ID)
	}
	return ids
}

// reload tells the brokers who may do what now.
func (c *Cluster) reload() { c.network.Reload(c.options.Broker.Config + c.access.config()) }

// digest takes the time that a learner's consumer takes for a run.
func (c *Cluster) digest(self paxos.Address) {
	c.mutex.Lock()
	d := c.full[self]
	c.mutex.Unlock()
	time.Sleep(d)
}

// feedSlowly has a learner's consumer take so long for each run from now on.
func (c *Cluster) feedSlowly(self paxos.Address, d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.full[self] = d
}

// End stops everything, in order, and then the bubble shows whether something was left behind.
func (c *Cluster) End() {
	c.load.end()
	for _, w := range c.workers {
		w.stop()
	}
	c.observer.Close()
	c.network.Close()
	if c.t.Failed() {
		c.t.Logf("the last that was logged:\n%v", c.said)
	}
}
