package virtual

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/testenv/broker"
)

// Network is brokers that do not know each other, and the lines to them. Everybody reaches the first
// unless moved to another, so that to move some is a partition.
type Network struct {
	t       *testing.T
	brokers []*broker.Broker
	isUp    []atomic.Bool

	mutex sync.Mutex
	lines []*Line
}

// NewNetwork starts brokers of one kind.
func NewNetwork(t *testing.T, count int, options broker.Options) *Network {
	n := &Network{t: t, isUp: make([]atomic.Bool, count)}
	options.InProcess = true
	for i := range count {
		started, err := broker.Start(options)
		if err != nil {
			t.Fatal(err)
		}
		n.brokers = append(n.brokers, started)
		n.isUp[i].Store(true)
	}
	return n
}

// Line returns a new line to the first broker.
func (n *Network) Line() *Line {
	line := &Line{network: n}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.lines = append(n.lines, line)
	return line
}

// dial never waits: whoever asks holds the lock of its connection.
func (n *Network) dial(side int) (net.Conn, error) {
	if !n.isUp[side].Load() {
		return nil, errDown
	}
	return n.brokers[side].InProcessConn()
}

// Connect connects a client by a line of its own. The caller closes it.
func (n *Network) Connect(options ...nats.Option) (*nats.Conn, *Line) {
	n.t.Helper()
	line := n.Line()
	conn, err := nats.Connect(n.brokers[0].URL(), append([]nats.Option{
		nats.InProcessServer(line), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.PingInterval(2 * time.Second), nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // else it writes to stderr
	}, options...)...)
	if err != nil {
		n.t.Fatal(err)
	}
	return conn, line
}

// Kill stops a broker as kill -9 would: everything on its way is lost.
func (n *Network) Kill(side int) {
	n.isUp[side].Store(false)
	for _, line := range n.on(side) {
		line.Cut()
	}
	n.brokers[side].Shutdown()
}

// Shutdown stops a broker in order: it tells its clients.
func (n *Network) Shutdown(side int) {
	n.isUp[side].Store(false)
	n.brokers[side].Shutdown()
}

// Retire takes a broker away as its lame duck mode would: it takes no new connections, and ends those it has
// one after the other.
func (n *Network) Retire(side int, pause time.Duration) {
	n.isUp[side].Store(false)
	for _, line := range n.on(side) {
		line.Cut()
		time.Sleep(pause)
	}
	n.brokers[side].Shutdown()
}

// Restart starts a broker that was stopped, with options that change may change first.
func (n *Network) Restart(side int, change func(*broker.Options)) {
	n.t.Helper()
	if change != nil {
		n.brokers[side].Change(change)
	}
	if err := n.brokers[side].Restart(); err != nil {
		n.t.Fatal(err)
	}
	n.isUp[side].Store(true)
}

// Reload has the running brokers take another configuration.
func (n *Network) Reload(config string) {
	n.t.Helper()
	for i, b := range n.brokers {
		b.Change(func(o *broker.Options) { o.Config = config })
		if !n.isUp[i].Load() {
			continue // it will, when it starts
		}
		if err := b.Reload(); err != nil {
			n.t.Fatal(err)
		}
	}
}

// Everybody returns all lines.
func (n *Network) Everybody() []*Line {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return append([]*Line(nil), n.lines...)
}

// on returns the lines that reach a broker.
func (n *Network) on(side int) []*Line {
	var lines []*Line
	for _, line := range n.Everybody() {
		line.mutex.Lock()
		if line.side == side {
			lines = append(lines, line)
		}
		line.mutex.Unlock()
	}
	return lines
}

// Close ends the brokers, and every connection that is left, half-open ones among them.
func (n *Network) Close() {
	for i := range n.brokers {
		n.Kill(i)
	}
}
