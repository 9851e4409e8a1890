package member

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
)

const (
	// raftConnections and raftTimeout are what Consul gives its transport.
	raftConnections = 3
	raftTimeout     = 10 * time.Second

	// snapshotsKept is what Consul keeps.
	snapshotsKept = 2
)

// raftMember runs a member of a Raft group of hashicorp/raft, whose log is a raft-wal, over TCP.
func raftMember(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("raft", flag.ContinueOnError)
	id := flags.String("id", "", "id of this member")
	dir := flags.String("data", "", "directory of its data")
	peers := flags.String("peers", "", "all members: id=address,…")
	front := flags.String("front", "", "address that clients send values to")
	control := flags.String("control", "", "address of the control endpoints")
	if err := flags.Parse(args); err != nil {
		return err
	}
	node, err := startRaft(*id, *dir, parsePeers(*peers))
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- serveFront(*front, node) }()
	go func() { failed <- serveControl(*control, node) }()
	select {
	case <-ctx.Done():
	case err := <-failed:
		return err
	}
	if node.State() == raft.Leader {
		_ = node.LeadershipTransfer().Error() // a member that leaves hands over, if it can
	}
	return node.Shutdown().Error()
}

func parsePeers(text string) []raft.Server {
	var servers []raft.Server
	for _, peer := range strings.Split(text, ",") {
		id, address, _ := strings.Cut(peer, "=")
		servers = append(servers, raft.Server{ID: raft.ServerID(id), Address: raft.ServerAddress(address)})
	}
	return servers
}

// startRaft opens a member's log and starts it. All members of a group found it with the same list.
func startRaft(id, dir string, peers []raft.Server) (*raft.Raft, error) {
	var own raft.ServerAddress
	for _, peer := range peers {
		if peer.ID == raft.ServerID(id) {
			own = peer.Address
		}
	}
	logDir := filepath.Join(dir, "wal")
	if err := os.MkdirAll(logDir, 0o755); err != nil {
		return nil, err
	}
	log, err := wal.Open(logDir)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	snapshots, err := raft.NewFileSnapshotStore(dir, snapshotsKept, io.Discard)
	if err != nil {
		return nil, err
	}
	transport, err := raft.NewTCPTransport(string(own), nil, raftConnections, raftTimeout, io.Discard)
	if err != nil {
		return nil, err
	}
	known, err := raft.HasExistingState(log, log, snapshots)
	if err != nil {
		return nil, err
	}
	node, err := raft.NewRaft(raftSettings(id), nothing{}, log, log, snapshots, transport)
	if err != nil || known {
		return node, err
	}
	return node, node.BootstrapCluster(raft.Configuration{Servers: peers}).Error()
}

// raftSettings are the defaults, but for what lets more values share a message and a sync.
func raftSettings(id string) *raft.Config {
	settings := raft.DefaultConfig()
	settings.LocalID = raft.ServerID(id)
	settings.MaxAppendEntries = 1024 // the most that it takes
	settings.BatchApplyCh = true
	settings.Logger = hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: os.Stderr})
	return settings
}

// nothing is a state machine that does nothing with values.
type nothing struct{}

func (nothing) Apply(*raft.Log) any                  { return nil }
func (nothing) ApplyBatch(logs []*raft.Log) []any    { return make([]any, len(logs)) }
func (nothing) Snapshot() (raft.FSMSnapshot, error)  { return nothing{}, nil }
func (nothing) Restore(snapshot io.ReadCloser) error { return snapshot.Close() }
func (nothing) Persist(sink raft.SnapshotSink) error { return sink.Close() }
func (nothing) Release()                             {}
