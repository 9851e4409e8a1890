// Package broker embeds a NATS server for tests, benchmarks and `synod dev`. Nothing else imports
// nats-server.
//
// The server listens on loopback, or nowhere at all: InProcess brokers live inside a synctest bubble.
// It has no JetStream, handles no signals, and does not stall fast producers, so that one stuck client
// cannot slow a leader down.
package broker

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	host = "127.0.0.1"

	// readyWithin is how long a server may take to listen before Start gives up.
	readyWithin = 10 * time.Second
)

// Options say what a broker is like. The zero value is one on a free port of loopback.
type Options struct {
	Port       int          // 0: a free one, kept by Restart
	InProcess  bool         // listens nowhere; connect with nats.InProcessServer(broker)
	MaxPayload int32        // bytes; 0: the server's default, 1 MiB
	Logger     *slog.Logger // nil: silent
	Config     string       // more settings, such as permissions, as text of a nats-server.conf
}

// Broker is an embedded NATS server that can be shut down and started again. Its methods may be called
// from any goroutine.
type Broker struct {
	options Options
	routing *server.ClusterOpts // nil: not part of a cluster
	routes  string              // where routed brokers listen; empty: not part of a cluster

	mu      sync.Mutex
	running *server.Server // nil: shut down
}

// Start starts a broker, and returns once clients can connect. A port in use is an error.
func Start(options Options) (*Broker, error) {
	b := &Broker{options: options}
	if err := b.start(); err != nil {
		return nil, err
	}
	return b, nil
}

// URL is where clients connect. That of an in-process broker only satisfies nats.Connect.
func (b *Broker) URL() string {
	return "nats://" + net.JoinHostPort(host, strconv.Itoa(b.Port()))
}

// Port is where the broker listens; 0 where it is in-process.
func (b *Broker) Port() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.options.Port
}

// Shutdown stops the broker and waits until it has stopped. It may be called twice.
func (b *Broker) Shutdown() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running == nil {
		return
	}
	b.running.Shutdown()
	b.running.WaitForShutdown()
	b.running = nil
}

// Restart stops the broker, if it runs, and starts it again on the same port.
func (b *Broker) Restart() error {
	b.Shutdown()
	return b.start()
}

// Change changes what the broker is told at its next start, or at a Reload. Where it listens must stay.
func (b *Broker) Change(change func(*Options)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.options)
}

// Reload has the running broker take its changed options, as a signal would. The server refuses those that
// need a restart.
func (b *Broker) Reload() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running == nil {
		return errors.New("broker: there is none to reload: it is shut down")
	}
	settings, err := b.settings()
	if err != nil {
		return err
	}
	if err := b.running.ReloadOptions(settings); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	return nil
}

// InProcessConn opens a connection that needs no network: it makes b a nats.InProcessConnProvider.
func (b *Broker) InProcessConn() (net.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running == nil {
		return nil, errors.New("the broker is shut down")
	}
	return b.running.InProcessConn()
}

// start runs a new server, and keeps the port that it got.
func (b *Broker) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.options.InProcess {
		if err := requireFree(b.options.Port); err != nil {
			return err
		}
	}
	settings, err := b.settings()
	if err != nil {
		return err
	}
	started, err := server.NewServer(settings)
	if err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	if b.options.Logger != nil {
		started.SetLoggerV2(&logger{to: b.options.Logger}, false, false, false)
	}
	started.Start() // returns once it listens
	if !started.ReadyForConnections(readyWithin) {
		started.Shutdown()
		return fmt.Errorf("broker: does not listen on %s port %d", host, b.options.Port)
	}
	if address, ok := started.Addr().(*net.TCPAddr); ok {
		b.options.Port = address.Port
	}
	b.running = started
	return nil
}

// settings are what the server is told; what Options.Config says wins, but for where it listens.
func (b *Broker) settings() (*server.Options, error) {
	settings := &server.Options{NoFastProducerStall: true}
	if b.options.Config != "" {
		if err := settings.ProcessConfigString(b.options.Config); err != nil {
			return nil, fmt.Errorf("broker: its configuration: %w", err)
		}
	}
	settings.Host, settings.Port = host, b.options.Port
	if b.options.Port == 0 {
		settings.Port = server.RANDOM_PORT
	}
	settings.DontListen = b.options.InProcess
	settings.NoSigs = true
	settings.NoLog = b.options.Logger == nil
	if b.options.MaxPayload != 0 {
		settings.MaxPayload = b.options.MaxPayload
	}
	if b.routing != nil {
		settings.Cluster = *b.routing
		settings.Routes = server.RoutesFromStr(b.routes)
	}
	return settings, nil
}

// requireFree fails where somebody else listens on port. The server itself would only log it.
func requireFree(port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	return listener.Close()
}
