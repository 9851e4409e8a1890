package member

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	host = "127.0.0.1"

	// readyWithin is how long a broker may take to listen.
	readyWithin = 20 * time.Second
)

// broker runs a NATS server of a cluster. Synod's and JetStream's have the same settings but for JetStream
// itself: both do not stall fast producers.
func broker(ctx context.Context, args []string) error {
	settings := &server.Options{Host: host, HTTPHost: host, NoFastProducerStall: true, NoSigs: true}
	settings.Cluster = server.ClusterOpts{Name: "bench", Host: host}
	flags := flag.NewFlagSet("broker", flag.ContinueOnError)
	flags.StringVar(&settings.ServerName, "name", "", "name of this broker")
	flags.IntVar(&settings.Port, "port", 0, "port that clients connect to")
	flags.IntVar(&settings.Cluster.Port, "routes-port", 0, "port that other brokers connect to")
	flags.IntVar(&settings.HTTPPort, "monitor-port", 0, "port that tells counters")
	routes := flags.String("routes", "", "URLs of all brokers' routes, separated by commas; empty: it is alone")
	flags.StringVar(&settings.StoreDir, "jetstream", "", "directory of JetStream's data; empty: none")
	flags.BoolVar(&settings.SyncAlways, "sync-always", false, "sync_interval: always")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *routes != "" {
		settings.Routes = server.RoutesFromStr(*routes)
	}
	settings.JetStream = settings.StoreDir != ""
	started, err := server.NewServer(settings)
	if err != nil {
		return err
	}
	started.SetLoggerV2(talk{}, false, false, false)
	started.Start()
	if !started.ReadyForConnections(readyWithin) {
		return fmt.Errorf("broker: does not listen on port %d", settings.Port)
	}
	<-ctx.Done()
	started.Shutdown()
	started.WaitForShutdown()
	return nil
}
