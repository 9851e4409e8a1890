package contestant

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/bench/control"
	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/process"
)

// copies is how many brokers, acceptors and members there are of each contestant.
const copies = 3

// brokers is a cluster of NATS servers.
type brokers struct {
	all     []*process.Process
	urls    []string // where clients connect
	monitor []string
}

// newBrokers makes a cluster and starts nothing. With a store it has JetStream.
func newBrokers(setup Setup, store string, flags ...string) (*brokers, error) {
	ports, err := process.FreePorts(3 * copies)
	if err != nil {
		return nil, err
	}
	var routes []string
	for i := range copies {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[copies+i]))
	}
	b := new(brokers)
	for i := range copies {
		name := fmt.Sprintf("b%d", i+1)
		args := []string{"broker", "-name", name, "-port", fmt.Sprint(ports[i]),
			"-routes-port", fmt.Sprint(ports[copies+i]), "-monitor-port", fmt.Sprint(ports[2*copies+i]),
			"-routes", strings.Join(routes, ",")}
		if store != "" {
			args = append(args, "-jetstream", filepath.Join(setup.Dir, name))
		}
		b.all = append(b.all, member.Program(name, setup.Dir, setup.Binary, append(args, flags...)...))
		b.urls = append(b.urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
		b.monitor = append(b.monitor, fmt.Sprintf("http://127.0.0.1:%d", ports[2*copies+i]))
	}
	return b, nil
}

// await returns when all brokers have routes to all others.
func (b *brokers) await(ctx context.Context) error {
	return await(ctx, "routes between brokers", b.all, func() error {
		for _, monitor := range b.monitor {
			var routes struct {
				Routes []struct {
					Remote string `json:"remote_id"`
				} `json:"routes"`
			}
			if err := control.Get(ctx, monitor+"/routez", &routes); err != nil {
				return err
			}
			remotes := make(map[string]bool)
			for _, route := range routes.Routes {
				remotes[route.Remote] = true
			}
			if len(remotes) < copies-1 {
				return fmt.Errorf("%s has routes to %d others", monitor, len(remotes))
			}
		}
		return nil
	})
}

// traffic adds up what all brokers took and delivered.
func (b *brokers) traffic(ctx context.Context) (Traffic, error) {
	var sum Traffic
	for _, monitor := range b.monitor {
		var counts struct {
			InMsgs   int64 `json:"in_msgs"`
			OutMsgs  int64 `json:"out_msgs"`
			InBytes  int64 `json:"in_bytes"`
			OutBytes int64 `json:"out_bytes"`
		}
		if err := control.Get(ctx, monitor+"/varz", &counts); err != nil {
			return Traffic{}, err
		}
		sum.Messages += counts.InMsgs + counts.OutMsgs
		sum.Bytes += counts.InBytes + counts.OutBytes
	}
	return sum, nil
}

// of is the broker that has a connection of this name.
func (b *brokers) of(ctx context.Context, name string) (*process.Process, error) {
	for i, monitor := range b.monitor {
		var connected struct {
			Connections []struct {
				Name string `json:"name"`
			} `json:"connections"`
		}
		if err := control.Get(ctx, monitor+"/connz", &connected); err != nil {
			return nil, err
		}
		for _, one := range connected.Connections {
			if one.Name == name {
				return b.all[i], nil
			}
		}
	}
	return nil, fmt.Errorf("no broker has a connection called %q", name)
}

// connect connects a client to a broker, and to the others should that one die.
func (b *brokers) connect(first int) (*nats.Conn, error) {
	var order []string
	for i := range copies {
		order = append(order, rotated(b.urls, first, i))
	}
	return nats.Connect(strings.Join(order, ","), nats.DontRandomize(), nats.MaxReconnects(-1),
		nats.ReconnectWait(50*time.Millisecond), nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // what fails is counted
}
