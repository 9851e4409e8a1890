package member

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/worker"
)

// The roles, as the program synod calls its commands.
const (
	acceptor = "acceptor"
	proposer = "proposer"
	learner  = "learner"
)

// synodWorker runs a worker as the program synod does that is given the same arguments: with the defaults of
// all settings. It uses as many processors as this process has.
func synodWorker(ctx context.Context, role string, args []string) error {
	flags := flag.NewFlagSet(role, flag.ContinueOnError)
	id := flags.String("id", "", "id of this worker")
	url := flags.String("s", "", "brokers, separated by commas")
	members := flags.String("members", "", "ids of all acceptors, separated by commas")
	dir := flags.String("data", "", "directory of an acceptor's store")
	if err := flags.Parse(args); err != nil {
		return err
	}
	options := worker.Options{
		Conn: link.Options{URL: *url}, Log: "main", ID: *id,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	switch role {
	case acceptor:
		return worker.RunAcceptor(ctx, worker.AcceptorOptions{
			Options: options, Founders: strings.Split(*members, ","), Dir: *dir,
		})
	case proposer:
		return worker.RunProposer(ctx, worker.ProposerOptions{Options: options})
	case learner:
		return worker.RunLearner(ctx, worker.LearnerOptions{Options: options}, nil)
	}
	return fmt.Errorf("no such role: %s", role)
}
