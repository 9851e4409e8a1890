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

	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
	"github.com/synod-log/synod/worker"
)

// Synod is three brokers, three acceptors that sync, two proposers and a learner. Their processes are spread
// over the brokers.
type Synod struct {
	setup   Setup
	name    string
	layout  []node
	brokers *brokers
	nodes   []*process.Process          // in the order of the layout
	workers map[string]*process.Process // in which process a worker runs, by its id
	conn    *nats.Conn                  // for asking how they are
}

// node is a process of Synod's, and the ids of the workers in it. The first letter of an id is its role.
type node struct {
	name    string
	workers []string
}

// onTheirOwn is a process for each worker.
var onTheirOwn = []node{
	{"a1", []string{"a1"}}, {"a2", []string{"a2"}}, {"a3", []string{"a3"}},
	{"p1", []string{"p1"}}, {"p2", []string{"p2"}}, {"l1", []string{"l1"}},
}

// threeNodes is what a small cluster is made of: three processes of several roles each.
var threeNodes = []node{{"n1", []string{"a1", "p1"}}, {"n2", []string{"a2", "p2"}}, {"n3", []string{"a3", "l1"}}}

// founders are the ids of the acceptors.
var founders = []string{"a1", "a2", "a3"}

// NewSynod makes a cluster and starts nothing.
func NewSynod(setup Setup) System { return &Synod{setup: setup, name: "synod", layout: onTheirOwn} }

// NewSynodNodes makes a cluster of three nodes and starts nothing.
func NewSynodNodes(setup Setup) System {
	return &Synod{setup: setup, name: "synod, three nodes", layout: threeNodes}
}

// Name is what results are filed under.
func (s *Synod) Name() string { return s.name }

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
	s.nodes, s.workers = nil, make(map[string]*process.Process)
	for _, one := range s.layout {
		s.add(one)
	}
	if err := startAll(s.nodes); err != nil {
		return err
	}
	return s.Whole(ctx)
}

// add makes a node, whose broker follows from how many there are.
func (s *Synod) add(one node) *process.Process {
	var urls []string
	for i := range copies {
		urls = append(urls, rotated(s.brokers.urls, len(s.nodes), i))
	}
	args := s.arguments(one.workers, strings.Join(urls, ","))
	added := process.New(one.name, s.setup.Dir, s.setup.Synod, args...)
	if s.setup.Binary == "" {
		added = member.Program(one.name, s.setup.Dir, "", args...)
	}
	s.nodes = append(s.nodes, added)
	for _, id := range one.workers {
		s.workers[id] = added
	}
	return added
}

// arguments are those of the program synod for a worker, or for several in one process.
func (s *Synod) arguments(ids []string, urls string) []string {
	command := []string{"run"}
	var flags []string
	for _, id := range ids {
		role := map[byte]string{'a': "acceptor", 'p': "proposer", 'l': "learner"}[id[0]]
		if len(ids) == 1 {
			command, flags = []string{role}, []string{"--id", id}
		} else {
			flags = append(flags, "--"+role, id)
		}
		if role == "acceptor" {
			flags = append(flags, "--members", strings.Join(founders, ","),
				"--data", filepath.Join(s.setup.Dir, "store-"+id))
		}
	}
	return slices.Concat(command, flags, []string{"-s", urls})
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
	return slices.Concat(s.brokers.all, s.nodes)
}

// Keepers are the processes of the acceptors.
func (s *Synod) Keepers() []*process.Process {
	var all []*process.Process
	for _, id := range founders {
		all = append(all, s.workers[id])
	}
	return all
}

// Leader is the process of the proposer that leads.
func (s *Synod) Leader(ctx context.Context) (*process.Process, error) {
	id, err := s.leader(ctx)
	return s.workers[id], err
}

func (s *Synod) leader(ctx context.Context) (leader string, err error) {
	err = await(ctx, "a leading proposer", nil, func() error {
		for _, id := range []string{"p1", "p2"} {
			if state, _ := s.stateOf(ctx, id); state == "leading" {
				leader = id
				return nil
			}
		}
		return fmt.Errorf("none leads")
	})
	return leader, err
}

// Broker is the broker that the leading proposer is connected to.
func (s *Synod) Broker(ctx context.Context) (*process.Process, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return nil, err
	}
	return s.brokers.of(ctx, "synod-proposer main "+leader)
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
	for _, id := range founders {
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
func (s *Synod) Traffic(ctx context.Context) (Traffic, error) { return s.brokers.traffic(ctx) }

// Ways are the Go client, and plain requests as any NATS client makes them.
func (s *Synod) Ways() []Way {
	return []Way{
		{
			Name: s.name, Window: 16 << 10, Connect: s.connectClients,
			Kinds: []workload.Kind{workload.Closed, workload.Open, workload.Pipelined, workload.Batched},
		},
		{
			Name: s.name + ", plain requests", Connect: s.connectPlain,
			Kinds: []workload.Kind{workload.Closed, workload.Open},
		},
	}
}
