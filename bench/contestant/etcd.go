package contestant

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
)

// largestTransaction is how many operations etcd takes in one, by default.
const largestTransaction = 128

// Etcd is three members.
type Etcd struct {
	setup   Setup
	members []*process.Process
	urls    []string // where clients connect
	client  *clientv3.Client
	last    atomic.Uint64 // the last key used
}

// NewEtcd makes a cluster and starts nothing.
func NewEtcd(setup Setup) System { return &Etcd{setup: setup} }

// Name is what results are filed under.
func (e *Etcd) Name() string { return "etcd" }

// Start returns when the members have a leader.
func (e *Etcd) Start(ctx context.Context) error {
	if err := os.MkdirAll(e.setup.Dir, 0o755); err != nil {
		return err
	}
	ports, err := process.FreePorts(2 * copies)
	if err != nil {
		return err
	}
	var cluster []string
	for i := range copies {
		cluster = append(cluster, fmt.Sprintf("e%d=http://127.0.0.1:%d", i+1, ports[copies+i]))
	}
	e.members, e.urls = nil, nil
	for i := range copies {
		name, url := fmt.Sprintf("e%d", i+1), fmt.Sprintf("http://127.0.0.1:%d", ports[i])
		_, peer, _ := strings.Cut(cluster[i], "=")
		e.urls = append(e.urls, url)
		e.members = append(e.members, member.Program(name, e.setup.Dir, e.setup.Binary, "etcd",
			"-name", name, "-data", filepath.Join(e.setup.Dir, name), "-client", url, "-peer", peer,
			"-cluster", strings.Join(cluster, ",")))
	}
	if err := startAll(e.members); err != nil {
		return err
	}
	if e.client, err = e.newClient(e.urls); err != nil {
		return err
	}
	return e.Whole(ctx)
}

func (e *Etcd) newClient(urls []string) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: urls, DialTimeout: 5 * time.Second, Logger: zap.NewNop()})
}

// Stop ends all processes.
func (e *Etcd) Stop() {
	if e.client != nil {
		e.client.Close()
	}
	killAll(e.members)
}

// Processes are the members.
func (e *Etcd) Processes() []*process.Process { return e.members }

// Keepers are the members.
func (e *Etcd) Keepers() []*process.Process { return e.members }

// Leader is the member that leads.
func (e *Etcd) Leader(ctx context.Context) (*process.Process, error) {
	var leader *process.Process
	err := await(ctx, "a leader of etcd", nil, func() error {
		for i, url := range e.urls {
			status, err := e.status(ctx, url)
			if err == nil && status.Leader == status.Header.MemberId {
				leader = e.members[i]
				return nil
			}
		}
		return fmt.Errorf("none leads")
	})
	return leader, err
}

// Whole returns when all members know a leader and have applied what it has.
func (e *Etcd) Whole(ctx context.Context) error {
	return await(ctx, "a whole cluster of etcd", e.members, func() error {
		var highest uint64
		for _, url := range e.urls {
			status, err := e.status(ctx, url)
			if err != nil {
				return err
			}
			highest = max(highest, status.RaftIndex)
			if status.Leader == 0 || status.RaftAppliedIndex+1000 < highest {
				return fmt.Errorf("%s has applied %d of %d", url, status.RaftAppliedIndex, highest)
			}
		}
		return nil
	})
}

func (e *Etcd) status(ctx context.Context, url string) (*clientv3.StatusResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return e.client.Status(ctx, url)
}

// Traffic is none: etcd has no broker.
func (e *Etcd) Traffic(context.Context) (Traffic, error) { return Traffic{}, nil }

// Ways are the Go client's.
func (e *Etcd) Ways() []Way {
	return []Way{{
		Name: e.Name(), Window: 1024, Connect: e.connect,
		Kinds: []workload.Kind{workload.Closed, workload.Open, workload.Pipelined, workload.Batched},
	}}
}

func (e *Etcd) connect(connections int) ([]workload.Client, error) {
	var clients []workload.Client
	for i := range connections {
		var order []string
		for k := range copies {
			order = append(order, rotated(e.urls, e.setup.Rotate+i, k))
		}
		conn, err := e.newClient(order)
		if err != nil {
			closeAll(clients)
			return nil, err
		}
		clients = append(clients, etcdClient{conn, &e.last})
	}
	return clients, nil
}

// etcdClient puts each value under a key of its own, as a log would.
type etcdClient struct {
	conn *clientv3.Client
	last *atomic.Uint64
}

// Put puts a value.
func (c etcdClient) Put(ctx context.Context, value []byte) error {
	_, err := c.conn.Put(ctx, c.key(), string(value))
	if errors.Is(err, rpctypes.ErrTooManyRequests) {
		return fmt.Errorf("%w: %w", workload.ErrRefused, err)
	}
	return err
}

func (c etcdClient) key() string {
	return string(binary.BigEndian.AppendUint64([]byte("log/"), c.last.Add(1)))
}

// Go puts a value in a goroutine: the client has no other way of many at once.
func (c etcdClient) Go(ctx context.Context, value []byte) (workload.Wait, error) {
	ended := make(chan error, 1)
	go func() { ended <- c.Put(ctx, value) }()
	return func() error { return <-ended }, nil
}

// PutAll puts values in as many transactions as they need, one after another.
func (c etcdClient) PutAll(ctx context.Context, values [][]byte) error {
	for len(values) > 0 {
		taken := values[:min(len(values), largestTransaction)]
		values = values[len(taken):]
		operations := make([]clientv3.Op, len(taken))
		for i, value := range taken {
			operations[i] = clientv3.OpPut(c.key(), string(value))
		}
		if _, err := c.conn.Txn(ctx).Then(operations...).Commit(); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the connection.
func (c etcdClient) Close() { c.conn.Close() }
