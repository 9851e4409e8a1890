package member

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/hashicorp/raft"

	"github.com/synod-log/synod/bench/workload"
)

// serveControl tells who leads, and runs loads inside this process: what the library does without a client
// in another process, which is how its users embed it.
func serveControl(address string, node *raft.Raft) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) {
		if state := node.State(); state == raft.Leader && node.VerifyLeader().Error() != nil {
			fmt.Fprint(w, "not heard")
		} else {
			fmt.Fprint(w, state)
		}
	})
	mux.HandleFunc("GET /applied", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, node.AppliedIndex())
	})
	mux.HandleFunc("POST /load", func(w http.ResponseWriter, r *http.Request) {
		var load workload.Load
		if err := json.NewDecoder(r.Body).Decode(&load); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		measured, err := workload.Run(r.Context(), load, []workload.Client{inside{node}})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(measured) // who asked may be gone
	})
	return http.ListenAndServe(address, mux)
}

// inside is a client in the leader's own process.
type inside struct{ node *raft.Raft }

func (c inside) Put(_ context.Context, value []byte) error { return c.node.Apply(value, 0).Error() }

func (c inside) Go(_ context.Context, value []byte) (workload.Wait, error) {
	return c.node.Apply(value, 0).Error, nil
}

func (inside) Close() {}
