package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// Proposal is a value to be chosen.
type Proposal struct {
	// Value may be empty, and at most the broker's max_payload less 8 KiB, headers counted. It is copied.
	Value []byte
	// ID names the proposal: one that is repeated with the same id, by whomever, is chosen once (within
	// 2^20 slots). "" draws one, which only its own repetitions share. At most 256 bytes.
	ID string
	// Header travels with the value. Names that begin with Nats- or Synod-, Status, Description, and what
	// is no token of HTTP are dropped.
	Header nats.Header
}

// Outcome is where a value was chosen.
type Outcome struct {
	Slot uint64
	// Duplicate: the id was known; Slot is where the value first proposed under it is.
	Duplicate bool
}

// Propose proposes a value until it is acknowledged: until a majority of acceptors has it on disk. It
// repeats the proposal under one id, so that it is chosen at most once however often it was sent. Before a
// leader that is overloaded it waits as long as it is told to, and has less on its way for a while.
//
// It fails early only where the value was not and will not be chosen: with ErrTooLarge, mostly before
// anything is sent, or ErrBadRequest. Where ctx ends first the error is ErrOutcomeUnknown, joined with
// what is known of the cause (ErrNoLeader, ErrNoQuorum, ErrOverloaded) and ctx's own error.
//
// It costs one round trip to the leader and from there to the acceptors, and one sync of their disks; what
// other goroutines propose at the same time shares all of it. A value that was acknowledged before another
// is proposed has the lower slot.
func (c *Client) Propose(ctx context.Context, proposal Proposal) (Outcome, error) {
	value, err := c.prepare(&proposal)
	if err != nil {
		return Outcome{}, err
	}
	one, err := c.pipeline.propose(ctx, value)
	if err != nil {
		return Outcome{}, err
	}
	if !isDone(ctx, one.done) {
		c.pipeline.abandon(context.Cause(ctx), one)
	}
	return one.outcome, one.err
}

// isDone waits until something is done, or not, since ctx ended before.
func isDone(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// Go proposes a value and does not wait for it: Done and Result of what it returns tell how it ended, which
// it does as Propose would with the same ctx. Go waits only where the window is full, and fails where
// nothing was sent: the value is too large, or ctx ended before there was room.
//
// Values that one goroutine gives to Go are chosen in that order, unless a message is lost, the leader is
// overloaded or changes between them. Who cannot bear that awaits each before the next.
func (c *Client) Go(ctx context.Context, proposal Proposal) (*Pending, error) {
	value, err := c.prepare(&proposal)
	if err != nil {
		return nil, err
	}
	return c.pipeline.start(ctx, value)
}

// ProposeAll proposes values in the order given, many in one message, and returns when all are
// acknowledged. Their slots ascend, duplicates aside, unless a message is lost, the leader is overloaded or
// changes while they are on their way; other clients' values may stand between them.
//
// Outcomes come in the order of the proposals. Where the error is not nil, it is that of the first that
// failed, and those with a slot are acknowledged all the same. Nothing is sent where one is too large.
func (c *Client) ProposeAll(ctx context.Context, proposals []Proposal) ([]Outcome, error) {
	all := make([]Pending, len(proposals))
	for i := range proposals {
		value, err := c.prepare(&proposals[i])
		if err != nil {
			return nil, ofMany(err, i, len(proposals))
		}
		all[i].value = value
	}
	c.pipeline.proposeAll(ctx, all)
	outcomes := make([]Outcome, len(all))
	var first error
	for i := range all {
		outcomes[i] = all[i].outcome
		if err := all[i].err; err != nil && first == nil {
			first = ofMany(err, i, len(proposals))
		}
	}
	return outcomes, first
}

func ofMany(err error, i, count int) error {
	return fmt.Errorf("proposal %d of %d: %w", i+1, count, err)
}

// maxID is the most bytes that an id given as text may have.
const maxID = 256

// valueReserve is how far below the broker's max_payload a value must stay, in bytes: it travels in
// messages that carry more.
const valueReserve = 8 << 10

// prepare makes a value of a proposal, or says why it can never be chosen. Where the value is small its bytes
// are the proposal's still: the pipeline copies them.
func (c *Client) prepare(proposal *Proposal) (paxos.Value, error) {
	value := paxos.Value{Kind: paxos.KindValue, Headers: ownHeaders(proposal.Header), Data: proposal.Value}
	if len(proposal.ID) > maxID {
		return value, fmt.Errorf("%w: its id has %d bytes; at most %d are allowed",
			ErrBadRequest, len(proposal.ID), maxID)
	}
	weight := len(proposal.Value)
	for _, header := range value.Headers {
		weight += len(header.Name) + len(header.Value) + 8
	}
	if most := c.mostValue(); weight > most {
		return value, fmt.Errorf("%w: it takes %d bytes with its headers; at most %d can be proposed (the "+
			"broker's max_payload less %d)", ErrTooLarge, weight, most, valueReserve)
	}
	if len(value.Data) > mostShared {
		value.Data = slices.Clone(value.Data)
	}
	if proposal.ID != "" {
		value.ID = paxos.ClientID(proposal.ID)
	}
	return value, nil
}

// mostValue is the largest value that the broker would take; while none is connected, the default's.
func (c *Client) mostValue() int {
	if most := c.conn.MaxPayload(); most > 0 {
		return int(most) - valueReserve
	}
	return 1<<20 - valueReserve
}

// ownHeaders returns the headers that belong to the value, sorted by name.
func ownHeaders(headers nats.Header) []paxos.Header {
	if len(headers) == 0 {
		return nil
	}
	var own []paxos.Header
	for name, values := range headers {
		if !codec.IsOwnHeader(name) {
			continue
		}
		for _, value := range values {
			own = append(own, paxos.Header{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(own, func(a, b paxos.Header) int { return strings.Compare(a.Name, b.Name) })
	return own
}
