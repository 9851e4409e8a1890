package client

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
)

// Options are what a client may be told. The zero value suits most.
type Options struct {
	// Prefix is the first token of all subjects; "" is "synod".
	Prefix string
	// AttemptTimeout is how long one sending of a proposal waits for its answer before it is sent again;
	// 0 is 3 s. A proposer that can say why nothing is acknowledged does so within two.
	AttemptTimeout time.Duration
}

const (
	defaultAttemptTimeout = 3 * time.Second
	firstRetryWait        = 20 * time.Millisecond
	longestRetryWait      = time.Second
)

// Client proposes values to one log over a connection that it does not own. It may be used by many
// goroutines at once.
type Client struct {
	conn     *nats.Conn
	log      string
	subjects *codec.Subjects
	attempt  time.Duration
}

// New returns a client of the named log.
func New(conn *nats.Conn, log string, options Options) (*Client, error) {
	subjects, err := codec.NewSubjects(options.Prefix, log)
	if err != nil {
		return nil, err
	}
	if options.AttemptTimeout == 0 {
		options.AttemptTimeout = defaultAttemptTimeout
	}
	return &Client{conn: conn, log: log, subjects: subjects, attempt: options.AttemptTimeout}, nil
}

// Proposal is a value to be chosen.
type Proposal struct {
	// Value may be empty, and at most the broker's max_payload less 8 KiB, headers included.
	Value []byte
	// ID names the proposal: one that is repeated with the same id, by whomever, is chosen once. "" has
	// Propose draw one, which only its own repetitions share. At most 256 bytes.
	ID string
	// Header travels with the value. Names that begin with Nats- or Synod- are dropped.
	Header nats.Header
}

// Outcome is where a value was chosen.
type Outcome struct {
	Slot uint64
	// Duplicate: the id was known; Slot is where the value first proposed under it is.
	Duplicate bool
}

// Propose proposes a value until it is acknowledged, or ctx ends, or it can never be: then the error is
// ErrTooLarge or ErrBadRequest, and the value was not and will not be chosen. Where ctx ends, it is
// ErrOutcomeUnknown, joined with what is known of the cause: ErrNoLeader, ErrNoQuorum or ErrOverloaded,
// and with ctx's own error.
func (c *Client) Propose(ctx context.Context, proposal Proposal) (Outcome, error) {
	request := c.request(proposal)
	wait := firstRetryWait
	var cause error
	for {
		outcome, err := c.try(ctx, request)
		if err == nil || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrBadRequest) {
			return outcome, err
		}
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) || cause == nil {
			cause = err // the last word of a proposer says more than a silence after it
		}
		if errors.Is(err, nats.ErrConnectionClosed) {
			return Outcome{}, errors.Join(ErrOutcomeUnknown, err) // it will not open again
		}
		select {
		case <-ctx.Done():
			return Outcome{}, errors.Join(ErrOutcomeUnknown, cause, ctx.Err())
		case <-time.After(wait/2 + mathrand.N(wait/2)):
			wait = min(2*wait, longestRetryWait)
		}
	}
}

// try sends the request once and waits for its answer.
func (c *Client) try(ctx context.Context, request *nats.Msg) (Outcome, error) {
	attempt, cancel := context.WithTimeout(ctx, c.attempt)
	defer cancel()
	answer, err := c.conn.RequestMsgWithContext(attempt, request)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return Outcome{}, fmt.Errorf("%w: no proposer of log %s listens", ErrNoLeader, c.log)
	case errors.Is(err, nats.ErrMaxPayload):
		return Outcome{}, fmt.Errorf("%w: the broker takes messages of %d bytes",
			ErrTooLarge, c.conn.MaxPayload())
	case errors.Is(err, nats.ErrInvalidMsg), errors.Is(err, nats.ErrHeadersNotSupported):
		return Outcome{}, fmt.Errorf("%w: %w", ErrBadRequest, err)
	case err != nil:
		return Outcome{}, err
	}
	return readAnswer(c.log, answer)
}

func (c *Client) request(proposal Proposal) *nats.Msg {
	request := nats.NewMsg(c.subjects.Propose())
	request.Data = proposal.Value
	for name, values := range proposal.Header {
		request.Header[name] = values
	}
	id := proposal.ID
	if id == "" {
		id = newID()
	}
	request.Header.Set(nats.MsgIdHdr, id)
	return request
}

// newID draws an id that nobody else draws: 16 random bytes in hex.
func newID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
