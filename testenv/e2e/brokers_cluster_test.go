package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/testenv/process"
	"github.com/synod-log/synod/testenv/proxy"
)

// spread is a log whose workers are spread over three brokers that route to each other, each route through
// a proxy. A worker knows its own broker alone, so that a test knows who is where.
type spread struct {
	*cluster
	urls    []string // of the brokers
	brokers []*process.Process
	routes  []route
}

// route is what two brokers are connected by, by their indexes: the later one dials.
type route struct {
	dials, to int
	proxy     *proxy.Proxy
}

// places are the workers on each broker.
var places = [3][]string{{"a1", "p1", "l1"}, {"a2", "p2", "l2"}, {"a3", "l3"}}

// startSpread starts brokers and workers, and waits until somebody leads.
func startSpread(t *testing.T) *spread {
	t.Helper()
	s := &spread{cluster: newCluster(t)}
	ports, err := broker.FreePorts(2 * len(places))
	if err != nil {
		t.Fatal(err)
	}
	clients, clusters := ports[:len(places)], ports[len(places):]
	for i := range places {
		s.startBroker(i, clients[i], clusters)
	}
	s.url = strings.Join(s.urls, ",")
	for i, ids := range places {
		for _, id := range ids {
			s.startAt(i, id)
		}
	}
	s.awaitLeader()
	return s
}

// startBroker starts the broker with this index, which dials all before it. It tells the others of an
// address that nobody listens at, so that there are no connections beside those through the proxies.
func (s *spread) startBroker(index, port int, clusters []int) {
	s.t.Helper()
	var dials []string
	for to := range index {
		p, err := proxy.Start(fmt.Sprint("127.0.0.1:", clusters[to]))
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(p.Close)
		s.routes = append(s.routes, route{dials: index, to: to, proxy: p})
		dials = append(dials, fmt.Sprintf("%q", "nats-route://"+p.Addr()))
	}
	config := fmt.Sprintf("server_name: b%d\ncluster { name: synod, listen: \"127.0.0.1:%d\", "+
		"cluster_advertise: \"127.0.0.1:1\", no_advertise: true, routes: [%s] }",
		index+1, clusters[index], strings.Join(dials, ", "))
	b := process.Start(s.t, s.dir, fmt.Sprint("broker", index+1), process.Build(s.t, "testenv/cmd/broker"),
		"-port", fmt.Sprint(port), "-config", config)
	b.AwaitTalk("listening at", patience)
	s.brokers = append(s.brokers, b)
	s.urls = append(s.urls, fmt.Sprint("nats://127.0.0.1:", port))
}

// startAt starts a worker that knows one broker.
func (s *spread) startAt(index int, id string) {
	s.t.Helper()
	args := s.argsOf(id)
	args[slices.Index(args, "-s")+1] = s.urls[index]
	s.workers[id] = process.Start(s.t, s.dir, id, s.synod, args...)
}

// broker is the index of the broker that a worker is on.
func (s *spread) broker(id string) int {
	return slices.IndexFunc(places[:], func(ids []string) bool { return slices.Contains(ids, id) })
}

// between is the route between the brokers that two workers are on.
func (s *spread) between(id, other string) route {
	ends := []int{s.broker(id), s.broker(other)}
	return s.routes[slices.IndexFunc(s.routes, func(r route) bool {
		return slices.Contains(ends, r.dials) && slices.Contains(ends, r.to)
	})]
}

// isolate has the routes of one broker do something.
func (s *spread) isolate(index int, do func(route)) {
	for _, r := range s.routes {
		if r.dials == index || r.to == index {
			do(r)
		}
	}
}

func cut(r route) { r.proxy.Cut() }

// deafen has a broker say what nobody hears, or hear nobody, in every route of its own.
func deafen(index int, hears bool) func(route) {
	return func(r route) {
		if (r.dials == index) == hears {
			r.proxy.Swallow(proxy.ToTarget)
		} else {
			r.proxy.Swallow(proxy.FromTarget)
		}
	}
}

func (s *spread) heal() {
	for _, r := range s.routes {
		r.proxy.Heal()
	}
}

// requireSpreadRight is requireRight with the learner on the third broker.
func (s *spread) requireSpreadRight(history History) {
	s.t.Helper()
	s.requireRight(history)
	log := s.log()
	s.reportFaults("l3", CheckLearner(s.awaitPrinted("l3", len(log)), log, uint64(len(log))))
	s.t.Logf("longest pause %v", history.longestPause())
}
