package contestant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/synod-log/synod/bench/workload"
)

// defaultPending is how many publications the Go client has on their way by default.
const defaultPending = 4000

// jetStreamClient is the Go client.
type jetStreamClient struct {
	conn *nats.Conn
	js   jetstream.JetStream
}

func newJetStreamClient(conn *nats.Conn) (workload.Client, error) {
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(defaultPending))
	return jetStreamClient{conn, js}, err
}

// Put publishes a value and waits for its acknowledgement.
func (c jetStreamClient) Put(ctx context.Context, value []byte) error {
	_, err := c.js.Publish(ctx, subject, value)
	return ofJetStream(err)
}

// ofJetStream marks an error as a refusal where a broker answered with one.
func ofJetStream(err error) error {
	var answered jetstream.JetStreamError
	if errors.As(err, &answered) && answered.APIError() != nil {
		return fmt.Errorf("%w: %w", workload.ErrRefused, err)
	}
	return err
}

// Go publishes a value and does not wait for it.
func (c jetStreamClient) Go(ctx context.Context, value []byte) (workload.Wait, error) {
	future, err := c.js.PublishAsync(subject, value)
	if err != nil {
		return nil, err
	}
	return func() error {
		select {
		case <-future.Ok():
			return nil
		case err := <-future.Err():
			return ofJetStream(err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}, nil
}

// PutAll publishes values as one atomic batch, of which only the last is acknowledged. The Go client has no
// call for it.
func (c jetStreamClient) PutAll(ctx context.Context, values [][]byte) error {
	batch := nuid.Next()
	for i, value := range values {
		message := &nats.Msg{Subject: subject, Data: value, Header: nats.Header{
			"Nats-Batch-Id": {batch}, "Nats-Batch-Sequence": {strconv.Itoa(i + 1)},
		}}
		if i == len(values)-1 {
			message.Header["Nats-Batch-Commit"] = []string{"1"}
			return c.commit(ctx, message, len(values))
		}
		if err := c.conn.PublishMsg(message); err != nil {
			return err
		}
	}
	return nil
}

// commit publishes the last value of a batch, and checks that all were taken.
func (c jetStreamClient) commit(ctx context.Context, last *nats.Msg, values int) error {
	answer, err := c.conn.RequestMsgWithContext(ctx, last)
	if err != nil {
		return err
	}
	var acknowledged struct {
		Size  int                 `json:"count"`
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &acknowledged); err != nil {
		return err
	}
	if acknowledged.Error != nil {
		return acknowledged.Error
	}
	if acknowledged.Size != values {
		return fmt.Errorf("%d of %d values were taken: %s", acknowledged.Size, values, answer.Data)
	}
	return nil
}

// Close closes the connection.
func (c jetStreamClient) Close() { c.conn.Close() }
