package broker

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// StartCluster starts n brokers that route to each other, and returns once all routes are up. Each can
// be shut down and restarted alone.
func StartCluster(n int) ([]*Broker, error) {
	ports, err := FreePorts(n)
	if err != nil {
		return nil, err
	}
	routes := make([]string, n)
	for i, port := range ports {
		routes[i] = "nats://" + net.JoinHostPort(host, strconv.Itoa(port))
	}
	var brokers []*Broker
	for _, port := range ports {
		b := &Broker{
			routing: &server.ClusterOpts{Name: "synod", Host: host, Port: port},
			routes:  strings.Join(routes, ","),
		}
		if err := b.start(); err != nil {
			shutdown(brokers)
			return nil, err
		}
		brokers = append(brokers, b)
	}
	if err := awaitRoutes(brokers); err != nil {
		shutdown(brokers)
		return nil, err
	}
	return brokers, nil
}

// FreePorts returns n different ports of loopback that nobody listens on now.
func FreePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return nil, err
		}
		defer listener.Close() // kept until all are found, so that they differ
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func shutdown(brokers []*Broker) {
	for _, b := range brokers {
		b.Shutdown()
	}
}

// awaitRoutes returns once each broker has a route to each other one.
func awaitRoutes(brokers []*Broker) error {
	deadline := time.Now().Add(readyWithin)
	for _, b := range brokers {
		for b.peers() < len(brokers)-1 {
			if time.Now().After(deadline) {
				return fmt.Errorf("broker: %s has routes to %d of %d others",
					b.URL(), b.peers(), len(brokers)-1)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nil
}

// peers is how many other brokers b has a route to. Between two there are several connections.
func (b *Broker) peers() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	routes, err := b.running.Routez(nil)
	if err != nil {
		return 0
	}
	remotes := make(map[string]bool)
	for _, route := range routes.Routes {
		remotes[route.RemoteID] = true
	}
	return len(remotes)
}
