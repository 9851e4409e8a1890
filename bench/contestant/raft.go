package contestant

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/synod-log/synod/bench/control"
	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
)

// Raft is three members of a group of hashicorp/raft with raft-wal, over TCP.
type Raft struct {
	setup    Setup
	members  []*process.Process
	fronts   []string // where clients send values
	controls []string
}

// NewRaft makes a group and starts nothing.
func NewRaft(setup Setup) System { return &Raft{setup: setup} }

// Name is what results are filed under.
func (r *Raft) Name() string { return "raft" }

// Start returns when the group has a leader.
func (r *Raft) Start(ctx context.Context) error {
	ports, err := process.FreePorts(3 * copies)
	if err != nil {
		return err
	}
	var peers []string
	for i := range copies {
		peers = append(peers, fmt.Sprintf("r%d=127.0.0.1:%d", i+1, ports[i]))
	}
	r.members, r.fronts, r.controls = nil, nil, nil
	for i := range copies {
		name := fmt.Sprintf("r%d", i+1)
		dir := filepath.Join(r.setup.Dir, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		front, address := fmt.Sprintf("127.0.0.1:%d", ports[copies+i]), fmt.Sprintf("127.0.0.1:%d", ports[2*copies+i])
		r.fronts, r.controls = append(r.fronts, front), append(r.controls, "http://"+address)
		r.members = append(r.members, member.Program(name, r.setup.Dir, r.setup.Binary, "raft",
			"-id", name, "-data", dir, "-peers", strings.Join(peers, ","), "-front", front, "-control", address))
	}
	if err := startAll(r.members); err != nil {
		return err
	}
	return r.Whole(ctx)
}

// Stop ends all processes.
func (r *Raft) Stop() { killAll(r.members) }

// Processes are the members.
func (r *Raft) Processes() []*process.Process { return r.members }

// Leader is the member that leads.
func (r *Raft) Leader(ctx context.Context) (*process.Process, error) {
	leader := 0
	err := await(ctx, "a leader of the group", nil, func() (err error) {
		leader, err = r.leader(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.members[leader], nil
}

// leader is the number of the member that leads and is heard by a majority.
func (r *Raft) leader(ctx context.Context) (int, error) {
	for i, address := range r.controls {
		var leads bool
		if err := control.Get(ctx, address+"/leads", &leads); err == nil && leads {
			return i, nil
		}
	}
	return 0, errors.New("none leads")
}

// Whole returns when a member leads and all have applied the same.
func (r *Raft) Whole(ctx context.Context) error {
	return await(ctx, "a whole group", r.members, func() error {
		if _, err := r.leader(ctx); err != nil {
			return err
		}
		var lowest, highest int
		for i, address := range r.controls {
			var applied int
			if err := control.Get(ctx, address+"/applied", &applied); err != nil {
				return err
			}
			if i == 0 || applied < lowest {
				lowest = applied
			}
			highest = max(highest, applied)
		}
		if lowest+1000 < highest {
			return fmt.Errorf("one has applied %d of %d", lowest, highest)
		}
		return nil
	})
}

// Traffic is none: there is no broker.
func (r *Raft) Traffic(context.Context) (Traffic, error) { return Traffic{}, nil }

// Ways are a client in another process, and one in the leader's own.
func (r *Raft) Ways() []Way {
	kinds := []workload.Kind{workload.Closed, workload.Open, workload.Pipelined}
	return []Way{
		{Name: r.Name(), Kinds: kinds, Window: 16 << 10, Connect: r.connect},
		{Name: "raft, no client hop", Kinds: kinds, Window: 16 << 10, Run: r.runInside},
	}
}

// runInside carries out a load in the leader's process.
func (r *Raft) runInside(
	ctx context.Context, load workload.Load, _ int,
) (measured workload.Measured, err error) {
	leader, err := r.leader(ctx)
	if err != nil {
		return measured, err
	}
	err = control.Post(ctx, r.controls[leader]+"/load", load, &measured)
	return measured, err
}
