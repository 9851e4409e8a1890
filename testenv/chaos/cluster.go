package chaos

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/proxy"
	"github.com/synod-log/synod/worker"
)

var (
	acceptorIDs = []string{"a1", "a2", "a3", "a4", "a5"}
	proposerIDs = []string{"p1", "p2", "p3"}
	learnerIDs  = []string{"l1", "l2", "l3"}
	brokerIDs   = []string{"b1", "b2", "b3"}
)

// cluster is brokers that route to each other through proxies, and workers spread over them, each
// of which reaches the brokers it knows through proxies of its own. Workers with an odd number know
// all brokers, the nearest first; the others the nearest alone.
type cluster struct {
	dir     string
	urls    []string // of the brokers, without a proxy
	members map[string]*member
	routes  []route
	conn    *nats.Conn // to ask workers with
}

// route is what two brokers are connected by, by their indexes: the later one dials.
type route struct {
	dials, to int
	proxy     *proxy.Proxy
}

// newCluster makes a cluster in dir, and starts nothing but the proxies. It tells fault of what
// ends by itself.
func newCluster(dir, synod, brokerd string, fault func(string, ...any)) (*cluster, error) {
	c := &cluster{dir: dir, members: make(map[string]*member)}
	ports, err := broker.FreePorts(2 * len(brokerIDs))
	if err != nil {
		return nil, err
	}
	clients, peers := ports[:len(brokerIDs)], ports[len(brokerIDs):]
	for i, id := range brokerIDs {
		config, err := c.routing(i, peers)
		if err != nil {
			return nil, err
		}
		c.members[id] = &member{id: id, dir: dir, binary: brokerd, fault: fault,
			args: []string{"-port", fmt.Sprint(clients[i]), "-config", config}}
		c.urls = append(c.urls, fmt.Sprint("nats://127.0.0.1:", clients[i]))
	}
	for _, id := range slices.Concat(acceptorIDs, proposerIDs, learnerIDs) {
		m := &member{id: id, dir: dir, binary: synod, fault: fault}
		urls, err := m.reach(clients)
		if err != nil {
			return nil, err
		}
		m.args = append(c.argsOf(id), "-s", strings.Join(urls, ","))
		c.members[id] = m
	}
	return c, nil
}

// routing is the configuration of the broker with this index, which dials all before it. It tells
// the others, and its clients, of no address, so that there are no connections beside those through
// proxies.
func (c *cluster) routing(index int, peers []int) (string, error) {
	var dials []string
	for to := range index {
		p, err := proxy.Start(fmt.Sprint("127.0.0.1:", peers[to]))
		if err != nil {
			return "", err
		}
		c.routes = append(c.routes, route{dials: index, to: to, proxy: p})
		dials = append(dials, fmt.Sprintf("%q", "nats-route://"+p.Addr()))
	}
	return fmt.Sprintf("server_name: b%d\ncluster { name: synod, listen: \"127.0.0.1:%d\", "+
		"cluster_advertise: \"127.0.0.1:1\", no_advertise: true, routes: [%s] }",
		index+1, peers[index], strings.Join(dials, ", ")), nil
}

// reach gives a worker its proxies, and returns their addresses.
func (m *member) reach(ports []int) (urls []string, err error) {
	number := int(m.id[1] - '0')
	known := len(ports)
	if number%2 == 0 {
		known = 1
	}
	for i := range known {
		p, err := proxy.Start(fmt.Sprint("127.0.0.1:", ports[(number-1+i)%len(ports)]))
		if err != nil {
			return nil, err
		}
		m.proxies = append(m.proxies, p)
		urls = append(urls, "nats://"+p.Addr())
	}
	return urls, nil
}

func (c *cluster) argsOf(id string) []string {
	switch id[0] {
	case 'a':
		return []string{"acceptor", "--id", id, "--members", strings.Join(acceptorIDs, ","),
			"--data", c.store(id)}
	case 'p':
		return []string{"proposer", "--id", id}
	}
	return []string{"learner", "--id", id, "--print"}
}

// store is the directory of an acceptor's store.
func (c *cluster) store(id string) string { return filepath.Join(c.dir, "store-"+id) }

// startAll starts what does not run, brokers first, and waits until a proposer leads.
func (c *cluster) startAll() error {
	for _, id := range slices.Concat(brokerIDs, acceptorIDs, proposerIDs, learnerIDs) {
		if r := c.members[id].current(); r != nil && r.IsRunning() {
			continue
		}
		if err := c.begin(id, true); err != nil {
			return err
		}
	}
	if c.conn == nil {
		conn, err := nats.Connect(strings.Join(c.urls, ","), nats.MaxReconnects(-1),
			nats.ReconnectWait(50*time.Millisecond), nats.RetryOnFailedConnect(true), nats.ErrorHandler(ignore))
		if err != nil {
			return err
		}
		c.conn = conn
	}
	for deadline := time.Now().Add(patience); c.leader() == ""; time.Sleep(poll) {
		if time.Now().After(deadline) {
			return fmt.Errorf("no proposer leads after %v", patience)
		}
	}
	return nil
}

// begin starts a member. A learner prints the log anew, or from where it ended.
func (c *cluster) begin(id string, isAnew bool) error {
	m := c.members[id]
	if id[0] != 'l' {
		return m.start()
	}
	from := uint64(1)
	if !isAnew && len(m.printed) > 0 {
		last, err := lastPrinted(m.printed[len(m.printed)-1])
		if err != nil {
			return err
		}
		from = last + 1
	}
	if err := m.start("--from", fmt.Sprint(from)); err != nil {
		return err
	}
	m.printed = append(m.printed, printed{file: m.current().Stdout(), from: from})
	return nil
}

// ask asks a worker for its status, once.
func (c *cluster) ask(id string, to any) error {
	answer, err := c.conn.Request("synod.main.status."+id[:1]+"."+id, nil, time.Second)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer.Data, to)
}

// leader is the id of a proposer that says that it leads; empty where none does.
func (c *cluster) leader() string {
	for _, id := range proposerIDs {
		var report worker.ProposerReport
		if c.ask(id, &report) == nil && report.State == "leading" {
			return id
		}
	}
	return ""
}

// heal lets everything through again.
func (c *cluster) heal() {
	for _, r := range c.routes {
		r.proxy.Heal()
	}
	for _, m := range c.members {
		for _, p := range m.proxies {
			p.Heal()
		}
	}
}

// endAll kills all that runs, and ends the proxies.
func (c *cluster) endAll() {
	if c.conn != nil {
		c.conn.Close()
	}
	for _, m := range c.members {
		if m.current() != nil {
			m.kill()
		}
		for _, p := range m.proxies {
			p.Close()
		}
	}
	for _, r := range c.routes {
		r.proxy.Close()
	}
}
