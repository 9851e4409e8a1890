package together

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os/signal"
	"syscall"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/control"
	"github.com/synod-log/synod/bench/workload"
)

// Command is the first argument that makes the benchmark's binary a process with a whole contestant in it.
const Command = "together"

// order is a load that the process is to carry out.
type order struct {
	Way         string
	Load        workload.Load
	Connections int
}

// Run is such a process's whole life.
func Run(args []string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	flags := flag.NewFlagSet(Command, flag.ContinueOnError)
	name := flags.String("contestant", "", "name of the contestant")
	address := flags.String("control", "", "address of the control endpoints")
	var setup contestant.Setup // with no binary: all within this process
	flags.StringVar(&setup.Dir, "dir", "", "directory of its data")
	flags.IntVar(&setup.Rotate, "rotate", 0, "which broker or member a first client connects to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	newSystem, err := contestant.Named(*name)
	if err != nil {
		return err
	}
	system := newSystem(setup)
	defer system.Stop()
	if err := system.Start(ctx); err != nil {
		return err
	}
	h := &host{system: system}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /traffic", control.Question(system.Traffic))
	mux.HandleFunc("POST /load", control.Order(h.load))
	failed := make(chan error, 1)
	go func() { failed <- http.ListenAndServe(*address, mux) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// host carries out loads, one at a time, and keeps the connections of the last for the next: what warms them up
// is one load, and what is measured another.
type host struct {
	system  contestant.System
	clients []workload.Client
	of      order // what they were made for; its load does not count
}

func (h *host) load(ctx context.Context, order order) (measured workload.Measured, err error) {
	for _, way := range h.system.Ways() {
		switch {
		case way.Name != order.Way:
			continue
		case way.Run != nil:
			return way.Run(ctx, order.Load, order.Connections)
		}
		if err := h.connect(way, order.Connections); err != nil {
			return measured, err
		}
		return workload.Run(ctx, order.Load, h.clients)
	}
	return measured, fmt.Errorf("no such way: %q", order.Way)
}

// connect makes so many clients, unless they are there.
func (h *host) connect(way contestant.Way, connections int) (err error) {
	wanted := order{Way: way.Name, Connections: connections}
	if h.of == wanted {
		return nil
	}
	for _, client := range h.clients {
		client.Close()
	}
	h.of = order{}
	if h.clients, err = way.Connect(connections); err == nil {
		h.of = wanted
	}
	return err
}
