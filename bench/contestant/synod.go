package contestant

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
	"github.com/synod-log/synod/worker"
)

// Synod is three brokers, three acceptors that sync, two proposers and a learner. Its workers are spread
// over the brokers.
type Synod struct {
	setup   Setup
	brokers *brokers
	workers map[string]*process.Process // by id
	order   []string                    // their ids, as they are started
	conn    *nats.Conn                  // for asking how they are
}

// synodIDs are the workers in the order they are started; the first letter is the role.
var synodIDs = []string{"a1", "a2", "a3", "p1", "p2", "l1"}

// NewSynod makes a cluster and starts nothing.
func NewSynod(setup Setup) System { return &Synod{setup: setup} }

// Name is what results are filed under.
func (s *Synod) Name() string { return "synod" }

// Start founds a log and returns when a proposer leads and the other stands by.
func (s *Synod) Start(ctx context.Context) error {
	if err := os.MkdirAll(s.setup.Dir, 0o755); err != nil {
		return err
	}
	var err error
	if s.brokers, err = newBrokers(s.setup, ""); err != nil {
		return err
	}
	if err := startAll(s.brokers.all); err != nil {
		return err
	}
	if err := s.brokers.await(ctx); err != nil {
		return err
	}
	if s.conn, err = s.brokers.connect(0); err != nil {
		return err
	}
	s.workers, s.order = make(map[string]*process.Process), nil
	for _, id := range synodIDs {
		s.add(id)
	}
	if err := startAll(s.Processes()); err != nil {
		return err
	}
	return s.Whole(ctx)
}

// add makes a worker, whose broker follows from how many there are.
func (s *Synod) add(id string) {
	url := rotated(s.brokers.urls, 0, len(s.order))
	if others := s.brokers.urls; len(others) > 1 {
		var rest []string
		for _, other := range others {
			if other != url {
				rest = append(rest, other)
			}
		}
		url += "," + strings.Join(rest, ",")
	}
	args := []string{"learner", "--id", id, "-s", url}
	switch id[0] {
	case 'a':
		args = []string{"acceptor", "--id", id, "--members", "a1,a2,a3",
			"--data", filepath.Join(s.setup.Dir, "store-"+id), "-s", url}
	case 'p':
		args = []string{"proposer", "--id", id, "-s", url}
	}
	s.workers[id] = process.New(id, s.setup.Dir, s.setup.Synod, args...)
	s.order = append(s.order, id)
}

// Stop ends all processes.
func (s *Synod) Stop() {
	if s.conn != nil {
		s.conn.Close()
	}
	killAll(s.Processes())
}

// Processes are the brokers and the workers.
func (s *Synod) Processes() []*process.Process {
	if s.brokers == nil {
		return nil
	}
	all := slices.Clone(s.brokers.all)
	for _, id := range s.order {
		all = append(all, s.workers[id])
	}
	return all
}

// Keepers are the acceptors.
func (s *Synod) Keepers() []*process.Process {
	return []*process.Process{s.workers["a1"], s.workers["a2"], s.workers["a3"]}
}

// Leader is the proposer that leads.
func (s *Synod) Leader(ctx context.Context) (*process.Process, error) {
	var leader *process.Process
	err := await(ctx, "a leading proposer", nil, func() error {
		for _, id := range []string{"p1", "p2"} {
			if state, _ := s.stateOf(ctx, id); state == "leading" {
				leader = s.workers[id]
				return nil
			}
		}
		return fmt.Errorf("none leads")
	})
	return leader, err
}

// Broker is the broker that the leading proposer is connected to.
func (s *Synod) Broker(ctx context.Context) (*process.Process, error) {
	leader, err := s.Leader(ctx)
	if err != nil {
		return nil, err
	}
	return s.brokers.of("synod-proposer main " + leader.Name)
}

// Whole returns when one proposer leads, the other stands by, and all acceptors vote and have settled what
// was chosen.
func (s *Synod) Whole(ctx context.Context) error {
	if err := s.brokers.await(ctx); err != nil {
		return err
	}
	return await(ctx, "a whole cluster of Synod", s.Processes(), func() error {
		first, err := s.stateOf(ctx, "p1")
		if err != nil {
			return err
		}
		second, err := s.stateOf(ctx, "p2")
		if err != nil {
			return err
		}
		if !(first == "leading" && second == "standby" || first == "standby" && second == "leading") {
			return fmt.Errorf("p1 is %s, p2 is %s", first, second)
		}
		return s.acceptorsAreLevel(ctx)
	})
}

func (s *Synod) acceptorsAreLevel(ctx context.Context) error {
	for _, id := range []string{"a1", "a2", "a3"} {
		report, err := s.acceptor(ctx, id)
		if err != nil {
			return err
		}
		if !report.Voting || report.Settled < report.Highest {
			return fmt.Errorf("%s has settled %d of %d", id, report.Settled, report.Highest)
		}
	}
	return nil
}

func (s *Synod) acceptor(ctx context.Context, id string) (worker.AcceptorReport, error) {
	var report worker.AcceptorReport
	return report, s.status(ctx, "a."+id, &report)
}

func (s *Synod) stateOf(ctx context.Context, proposer string) (string, error) {
	var report worker.ProposerReport
	return report.State, s.status(ctx, "p."+proposer, &report)
}

// status asks a worker how it is.
func (s *Synod) status(ctx context.Context, who string, report any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	answer, err := s.conn.RequestWithContext(ctx, "synod.main.status."+who, nil)
	if err != nil {
		return fmt.Errorf("%s does not tell how it is: %w", who, err)
	}
	return json.Unmarshal(answer.Data, report)
}

// Traffic is what the brokers have carried.
func (s *Synod) Traffic() (Traffic, error) { return s.brokers.traffic() }

// Ways are the Go client, and plain requests as any NATS client makes them.
func (s *Synod) Ways() []Way {
	return []Way{
		{
			Name: "synod", Window: 16 << 10, Connect: s.connectClients,
			Kinds: []workload.Kind{workload.Closed, workload.Open, workload.Pipelined, workload.Batched},
		},
		{
			Name: "synod, plain requests", Connect: s.connectPlain,
			Kinds: []workload.Kind{workload.Closed, workload.Open},
		},
	}
}
