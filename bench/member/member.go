// Package member is the programs that make up the contestants: the brokers, with or without JetStream, the
// members of etcd and of hashicorp/raft, and Synod's workers. The benchmark's own binary runs as one of them
// when it is told to. Several may run within one process.
package member

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/synod-log/synod/bench/process"
)

// Command is the first argument that makes the benchmark's binary a member.
const Command = "member"

// Run is a process's whole life as the member that args name, such as "broker -port 4222".
func Run(args []string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	return run(ctx, args)
}

// Program makes a member that can be started: as a process of its own, of this binary, which says in a file in
// dir what it has to say; or within this process where no binary is given.
func Program(name, dir, binary string, args ...string) *process.Process {
	if binary == "" {
		return process.Inside(name, func(ctx context.Context) error { return run(ctx, args) })
	}
	return process.New(name, dir, binary, append([]string{Command}, args...)...)
}

// run runs a member until ctx ends.
func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s: which one?", Command)
	}
	switch args[0] {
	case "broker":
		return broker(ctx, args[1:])
	case "echo":
		return echo(ctx, args[1:])
	case "etcd":
		return etcd(ctx, args[1:])
	case "raft":
		return raftMember(ctx, args[1:])
	case acceptor, proposer, learner:
		return synodWorker(ctx, args[0], args[1:])
	}
	return fmt.Errorf("%s: no such one: %s", Command, args[0])
}
