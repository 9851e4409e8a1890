// Package contestant is what is compared: Synod and its peers, as processes of their own or within one, and
// the ways in which clients reach them.
package contestant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/result"
	"github.com/synod-log/synod/bench/workload"
)

// patience is how long a contestant may take to do what should take a few seconds.
const patience = 2 * time.Minute

// System is a contestant. Its methods belong to one goroutine.
type System interface {
	Name() string
	// Start starts all processes, with empty stores, and returns when values are acknowledged.
	Start(ctx context.Context) error
	// Stop ends all processes.
	Stop()
	// Processes are all that make up the contestant: brokers too, clients not.
	Processes() []*process.Process
	// Ways are how clients reach it.
	Ways() []Way
	// Leader is the process whose death interrupts most.
	Leader(ctx context.Context) (*process.Process, error)
	// Whole returns when all processes take part: those that were restarted have caught up.
	Whole(ctx context.Context) error
	// Traffic is what the contestant's brokers have delivered and taken so far; zero where it has none.
	Traffic(ctx context.Context) (Traffic, error)
}

// New makes a contestant and starts nothing.
type New func(Setup) System

// All are the contestants on a basis, in the order that the first round has. In one process it makes no
// difference how many processes there would be.
func All(basis string) []New {
	all := []New{NewSynod, NewJetStreamDefault, NewJetStreamAlways, NewEtcd, NewRaft}
	if basis == result.Apart {
		all = slices.Insert(all, 1, NewSynodNodes)
	}
	return all
}

// Named is the contestant of this name.
func Named(name string) (New, error) {
	for _, newSystem := range All(result.Apart) {
		if newSystem(Setup{}).Name() == name {
			return newSystem, nil
		}
	}
	return nil, fmt.Errorf("no such contestant: %q", name)
}

// Follower is a system whose log can be followed as it grows.
type Follower interface {
	System
	// Follow has n more read what is put from now on, until stop, which fails where one got nothing.
	Follow(ctx context.Context, n int) (stop func() error, err error)
	// Keepers are the processes that have the log on disk.
	Keepers() []*process.Process
}

// Log is a system whose values can be read back.
type Log interface {
	System
	// Length is how many values there are, at least; what was acknowledged is among them.
	Length(ctx context.Context) (int, error)
	// ReadBack reads so many values from the first on, and shows each.
	ReadBack(ctx context.Context, values int, see func(value []byte)) error
}

// Reader is a log that can grow long.
type Reader interface {
	Log
	// Keepers are the processes that have the log on disk.
	Keepers() []*process.Process
	// Largest is how many values it is made to keep.
	Largest() int
}

// Way is one way for clients to reach a contestant. Its name is what results are filed under.
type Way struct {
	Name    string
	Kinds   []workload.Kind // those that it can do
	Connect func(connections int) ([]workload.Client, error)
	// Run carries out a load, over so many connections, where it cannot be done from this process; nil: it can.
	Run func(ctx context.Context, load workload.Load, connections int) (workload.Measured, error)
	// Window is how many values a pipelining client has on their way: what its library has by default.
	Window int
}

// Traffic counts messages through brokers, those between brokers included.
type Traffic struct{ Messages, Bytes int64 }

// Setup is what a contestant is made with.
type Setup struct {
	Dir    string // of its data, on the disk that is measured; made by Start, removed by Stop
	Binary string // this program, which can run as a member; "": everything runs within this process
	Synod  string // the program synod
	// Rotate is which broker or member a first client connects to.
	Rotate int
}

// await asks until it is so, or for as long as patience allows. It fails early where a process has ended.
func await(ctx context.Context, what string, running []*process.Process, isSo func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := isSo()
		if err == nil {
			return nil
		}
		for _, p := range running {
			err = errors.Join(err, p.Err())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, errors.Join(err, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// startAll starts processes that do not run.
func startAll(all []*process.Process) error {
	for _, p := range all {
		if !p.IsRunning() {
			if err := p.Start(); err != nil {
				return err
			}
		}
	}
	return nil
}

// killAll ends processes whose stores are not needed again.
func killAll(all []*process.Process) {
	for _, p := range all {
		p.Kill()
	}
}

// rotated is element i of a list that begins at another place.
func rotated[T any](list []T, by, i int) T { return list[(by+i)%len(list)] }

// closeAll closes clients, and is for those that were made before one could not be.
func closeAll(clients []workload.Client) {
	for _, client := range clients {
		client.Close()
	}
}
