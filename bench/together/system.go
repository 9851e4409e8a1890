// Package together runs a whole contestant in one process, its clients included: brokers or members, workers
// and whoever puts values talk over TCP on loopback as ever, but a message need not wake another process.
//
// This program starts itself as that process, has loads carried out there, and is told how they went.
package together

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/control"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
)

// patience is how long a contestant may take to start.
const patience = 2 * time.Minute

// system is a contestant, seen from outside of its process.
type system struct {
	setup   contestant.Setup
	inside  contestant.System // never started here; it tells its name and ways
	process *process.Process
	url     string // of the process's control endpoints
}

// Of makes a contestant run in one process.
func Of(newSystem contestant.New) contestant.New {
	return func(setup contestant.Setup) contestant.System {
		return &system{setup: setup, inside: newSystem(setup)}
	}
}

// Name is the contestant's own.
func (s *system) Name() string { return s.inside.Name() }

// Start starts the process, and returns when its contestant acknowledges values.
func (s *system) Start(ctx context.Context) error {
	ports, err := process.FreePorts(1)
	if err != nil {
		return err
	}
	address := fmt.Sprintf("127.0.0.1:%d", ports[0])
	s.url = "http://" + address
	s.process = process.New("all", s.setup.Dir, s.setup.Binary, Command, "-contestant", s.Name(),
		"-dir", s.setup.Dir, "-rotate", fmt.Sprint(s.setup.Rotate), "-control", address)
	if err := s.process.Start(); err != nil {
		return err
	}
	return s.Whole(ctx)
}

// Stop ends the process.
func (s *system) Stop() {
	if s.process != nil {
		s.process.Kill()
	}
}

// Processes are the one.
func (s *system) Processes() []*process.Process {
	if s.process == nil {
		return nil
	}
	return []*process.Process{s.process}
}

// Leader is in the one process, as all are.
func (s *system) Leader(context.Context) (*process.Process, error) { return s.process, nil }

// Whole returns when the process answers, which it does once its contestant has started.
func (s *system) Whole(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		_, err := s.Traffic(ctx)
		if err == nil {
			return nil
		}
		if ended := s.process.Err(); ended != nil {
			return ended
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s in one process: %w", s.Name(), errors.Join(err, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Traffic is what the brokers inside have carried.
func (s *system) Traffic(ctx context.Context) (traffic contestant.Traffic, err error) {
	return traffic, control.Get(ctx, s.url+"/traffic", &traffic)
}

// Ways are the contestant's own, from inside.
func (s *system) Ways() []contestant.Way {
	var all []contestant.Way
	for _, way := range s.inside.Ways() {
		name := way.Name
		way.Connect = nil
		way.Run = func(ctx context.Context, load workload.Load, connections int) (workload.Measured, error) {
			var measured workload.Measured
			err := control.Post(ctx, s.url+"/load", order{name, load, connections}, &measured)
			return measured, err
		}
		all = append(all, way)
	}
	return all
}
