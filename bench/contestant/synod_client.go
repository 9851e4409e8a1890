package contestant

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/bench/workload"
	"github.com/synod-log/synod/client"
)

// synodClient is the Go client.
type synodClient struct {
	conn *nats.Conn
	log  *client.Client
}

func (s *Synod) connectClients(connections int) ([]workload.Client, error) {
	return connectEach(s.brokers, s.setup.Rotate, connections, func(conn *nats.Conn) (workload.Client, error) {
		log, err := client.New(conn, "main", client.Options{})
		return synodClient{conn, log}, err
	})
}

// Put proposes a value.
func (c synodClient) Put(ctx context.Context, value []byte) error {
	_, err := c.log.Propose(ctx, client.Proposal{Value: value})
	return ofSynod(err)
}

// Go proposes a value and does not wait for it.
func (c synodClient) Go(ctx context.Context, value []byte) (workload.Wait, error) {
	pending, err := c.log.Go(ctx, client.Proposal{Value: value})
	if err != nil {
		return nil, err
	}
	return func() error {
		_, err := pending.Result()
		return ofSynod(err)
	}, nil
}

// ofSynod marks an error of the Go client as a refusal where the leader's queue was full to the last.
func ofSynod(err error) error {
	if errors.Is(err, client.ErrOverloaded) {
		return fmt.Errorf("%w: %w", workload.ErrRefused, err)
	}
	return err
}

// PutAll proposes values in one call.
func (c synodClient) PutAll(ctx context.Context, values [][]byte) error {
	proposals := make([]client.Proposal, len(values))
	for i, value := range values {
		proposals[i].Value = value
	}
	_, err := c.log.ProposeAll(ctx, proposals)
	return err
}

// Close closes the client and its connection.
func (c synodClient) Close() {
	c.log.Close()
	c.conn.Close()
}

// plainClient makes requests, as a client in any language does.
type plainClient struct{ conn *nats.Conn }

func (s *Synod) connectPlain(connections int) ([]workload.Client, error) {
	return connectEach(s.brokers, s.setup.Rotate, connections, func(conn *nats.Conn) (workload.Client, error) {
		return plainClient{conn}, nil
	})
}

// Put makes one request, and does not repeat it.
func (c plainClient) Put(ctx context.Context, value []byte) error {
	answer, err := c.conn.RequestWithContext(ctx, "synod.main.propose", value)
	if err != nil {
		return err
	}
	if code := answer.Header.Get("Nats-Service-Error-Code"); code != "" {
		return fmt.Errorf("%w with %s: %s", workload.ErrRefused, code, answer.Data)
	}
	return nil
}

// Close closes the connection.
func (c plainClient) Close() { c.conn.Close() }

// connectEach makes clients, each on a connection of its own, spread over the brokers.
func connectEach(
	b *brokers, rotate, connections int, wrap func(*nats.Conn) (workload.Client, error),
) ([]workload.Client, error) {
	var clients []workload.Client
	for i := range connections {
		conn, err := b.connect(rotate + i)
		if err != nil {
			closeAll(clients)
			return nil, err
		}
		wrapped, err := wrap(conn)
		if err != nil {
			conn.Close()
			closeAll(clients)
			return nil, err
		}
		clients = append(clients, wrapped)
	}
	return clients, nil
}
