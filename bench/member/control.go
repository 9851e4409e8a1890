package member

import (
	"context"
	"net/http"

	"github.com/hashicorp/raft"

	"github.com/synod-log/synod/bench/control"
	"github.com/synod-log/synod/bench/workload"
)

// serveControl tells whether this member leads and is heard, and runs loads inside this process: what the library does without a client
// in another process, which is how its users embed it.
func serveControl(address string, node *raft.Raft) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /leads", control.Question(func(context.Context) (bool, error) {
		return node.State() == raft.Leader && node.VerifyLeader().Error() == nil, nil
	}))
	mux.HandleFunc("GET /applied", control.Question(func(context.Context) (uint64, error) {
		return node.AppliedIndex(), nil
	}))
	mux.HandleFunc("POST /load", control.Order(
		func(ctx context.Context, load workload.Load) (workload.Measured, error) {
			return workload.Run(ctx, load, []workload.Client{inside{node}})
		}))
	return http.ListenAndServe(address, mux)
}

// inside is a client in the leader's own process.
type inside struct{ node *raft.Raft }

func (c inside) Put(_ context.Context, value []byte) error { return c.node.Apply(value, 0).Error() }

func (c inside) Go(_ context.Context, value []byte) (workload.Wait, error) {
	return c.node.Apply(value, 0).Error, nil
}

func (inside) Close() {}
