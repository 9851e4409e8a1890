package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

// benchCall proposes values and waits. It returns how many were acknowledged, and why the others were not.
type benchCall func(ctx context.Context, count int) (acknowledged int, why error)

// calls is how a client proposes.
func (l *benchLoad) calls(number int) benchCall {
	share := number % len(l.conns)
	switch {
	case l.isPlain:
		return func(ctx context.Context, _ int) (int, error) { return l.request(ctx, l.conns[share]) }
	case l.batch > 1:
		return func(ctx context.Context, count int) (int, error) {
			return l.proposeAll(ctx, l.sharers[share], count)
		}
	}
	return func(ctx context.Context, _ int) (int, error) {
		if _, err := l.sharers[share].Propose(ctx, client.Proposal{Value: l.value}); err != nil {
			return 0, err
		}
		return 1, nil
	}
}

func (l *benchLoad) proposeAll(ctx context.Context, to *client.Client, count int) (int, error) {
	proposals := make([]client.Proposal, count)
	for i := range proposals {
		proposals[i].Value = l.value
	}
	outcomes, err := to.ProposeAll(ctx, proposals)
	acknowledged := 0
	for _, outcome := range outcomes {
		if outcome.Slot != 0 {
			acknowledged++
		}
	}
	return acknowledged, err
}

// request proposes a value as any NATS client does.
func (l *benchLoad) request(ctx context.Context, conn *nats.Conn) (int, error) {
	answer, err := conn.RequestWithContext(ctx, l.subject, l.value)
	if err != nil {
		return 0, errors.Join(client.ErrOutcomeUnknown, err)
	}
	var told struct {
		Slot  uint64
		Error *struct {
			Code        int
			Description string
			RetryAfter  int64 `json:"retry_after_ms"`
		}
	}
	switch err := json.Unmarshal(answer.Data, &told); {
	case err == nil && told.Error != nil:
		rest(ctx, time.Duration(told.Error.RetryAfter)*time.Millisecond) // as every client should
		return 0, fmt.Errorf("%w: %s", plainError(told.Error.Code), told.Error.Description)
	case err != nil || told.Slot == 0:
		return 0, errors.Join(client.ErrOutcomeUnknown, client.ErrForeignAnswer)
	}
	return 1, nil
}

// plainError is the error that a code of the answer to a plain request stands for.
func plainError(code int) error {
	switch code {
	case 400:
		return client.ErrBadRequest
	case 413:
		return client.ErrTooLarge
	case 429:
		return errors.Join(client.ErrOutcomeUnknown, client.ErrOverloaded)
	case 503:
		return errors.Join(client.ErrOutcomeUnknown, client.ErrNoQuorum)
	}
	return errors.Join(client.ErrOutcomeUnknown, client.ErrNoLeader)
}
