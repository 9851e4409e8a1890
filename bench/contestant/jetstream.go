package contestant

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
)

const (
	stream  = "BENCH"
	subject = "bench.values"
)

// JetStream is three brokers with a stream of three replicas on file.
type JetStream struct {
	setup   Setup
	always  bool
	brokers *brokers
	conn    *nats.Conn
	js      jetstream.JetStream
}

// NewJetStreamDefault makes a cluster that syncs every two minutes, and starts nothing.
func NewJetStreamDefault(setup Setup) System { return &JetStream{setup: setup} }

// NewJetStreamAlways makes one that syncs before it acknowledges.
func NewJetStreamAlways(setup Setup) System { return &JetStream{setup: setup, always: true} }

// Name is what results are filed under.
func (j *JetStream) Name() string {
	if j.always {
		return "jetstream, always"
	}
	return "jetstream, default"
}

// Start makes the stream and returns when all replicas are current.
func (j *JetStream) Start(ctx context.Context) error {
	if err := os.MkdirAll(j.setup.Dir, 0o755); err != nil {
		return err
	}
	var flags []string
	if j.always {
		flags = append(flags, "-sync-always")
	}
	var err error
	if j.brokers, err = newBrokers(j.setup, j.setup.Dir, flags...); err != nil {
		return err
	}
	if err := startAll(j.brokers.all); err != nil {
		return err
	}
	if err := j.brokers.await(ctx); err != nil {
		return err
	}
	if j.conn, err = j.brokers.connect(0); err != nil {
		return err
	}
	if j.js, err = jetstream.New(j.conn); err != nil {
		return err
	}
	err = await(ctx, "a stream", j.brokers.all, func() error { return j.makeStream(ctx) })
	if err != nil {
		return err
	}
	return j.Whole(ctx)
}

// makeStream fails while the brokers have no leader among them yet.
func (j *JetStream) makeStream(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := j.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: stream, Subjects: []string{subject}, Storage: jetstream.FileStorage, Replicas: copies,
		AllowAtomicPublish: true,
	})
	return err
}

// Stop ends all processes.
func (j *JetStream) Stop() {
	if j.conn != nil {
		j.conn.Close()
	}
	killAll(j.Processes())
}

// Processes are the brokers.
func (j *JetStream) Processes() []*process.Process {
	if j.brokers == nil {
		return nil
	}
	return j.brokers.all
}

// Keepers are the brokers.
func (j *JetStream) Keepers() []*process.Process { return j.brokers.all }

// Leader is the broker that leads the stream's replicas.
func (j *JetStream) Leader(ctx context.Context) (*process.Process, error) {
	var leader *process.Process
	err := await(ctx, "a leader of the stream", nil, func() error {
		cluster, err := j.cluster(ctx)
		if err != nil {
			return err
		}
		for _, broker := range j.brokers.all {
			if broker.Name == cluster.Leader {
				leader = broker
				return nil
			}
		}
		return fmt.Errorf("it has none")
	})
	return leader, err
}

// Whole returns when the stream has a leader and its replicas are current.
func (j *JetStream) Whole(ctx context.Context) error {
	if err := j.brokers.await(ctx); err != nil {
		return err
	}
	return await(ctx, "current replicas", j.brokers.all, func() error {
		cluster, err := j.cluster(ctx)
		if err != nil {
			return err
		}
		current := 0
		for _, replica := range cluster.Replicas {
			if replica.Current && !replica.Offline {
				current++
			}
		}
		if cluster.Leader == "" || current < copies-1 {
			return fmt.Errorf("%d replicas are current, and %q leads", current, cluster.Leader)
		}
		return nil
	})
}

func (j *JetStream) cluster(ctx context.Context) (*jetstream.ClusterInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	found, err := j.js.Stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	return found.CachedInfo().Cluster, nil
}

// Traffic is what the brokers have carried; they count what replicas tell each other too.
func (j *JetStream) Traffic(ctx context.Context) (Traffic, error) { return j.brokers.traffic(ctx) }

// Ways are the Go client's.
func (j *JetStream) Ways() []Way {
	return []Way{{
		Name: j.Name(), Window: defaultPending,
		Connect: func(connections int) ([]workload.Client, error) {
			return connectEach(j.brokers, j.setup.Rotate, connections, newJetStreamClient)
		},
		Kinds: []workload.Kind{workload.Closed, workload.Open, workload.Pipelined, workload.Batched},
	}}
}
