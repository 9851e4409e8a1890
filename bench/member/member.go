// Package member is the programs that the benchmark runs as processes of their own besides Synod's: the
// brokers, with or without JetStream, and the members of etcd and of hashicorp/raft. The benchmark's own
// binary runs as one of them when it is told to.
package member

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"
)

// Command is the first argument that makes the benchmark's binary a member.
const Command = "member"

// Run runs the member that args name, such as "broker -port 4222", until it is asked to end.
func Run(args []string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
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
	}
	return fmt.Errorf("%s: no such one: %s", Command, args[0])
}
