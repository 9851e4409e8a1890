// Command broker runs the embedded NATS server alone, so that tests can kill it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/synod-log/synod/testenv/broker"
)

func main() {
	port := flag.Int("port", 0, "port of loopback to listen on; 0: a free one")
	config := flag.String("config", "", "more settings, as text of a nats-server.conf")
	flag.Parse()
	started, err := broker.Start(broker.Options{Port: *port, Config: *config})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "listening at", started.URL())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	<-signals
	started.Shutdown()
}
