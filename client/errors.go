package client

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

var (
	// ErrOutcomeUnknown: the value was not acknowledged, and may yet be chosen. Repeat it with the same
	// id to find out.
	ErrOutcomeUnknown = errors.New("the outcome is unknown: it may yet be chosen; repeat with the same id")
	// ErrTooLarge: the value was refused, and will not be chosen.
	ErrTooLarge = errors.New("the value is too large")
	// ErrBadRequest: the proposal was refused, and will not be chosen.
	ErrBadRequest = errors.New("the proposal is not valid")
	// ErrOverloaded: the leader's queue is full.
	ErrOverloaded = errors.New("the leader is overloaded")
	// ErrNoQuorum: the leader hears no quorum of acceptors.
	ErrNoQuorum = errors.New("no quorum of acceptors is heard")
	// ErrNoLeader: no proposer leads, or none listens.
	ErrNoLeader = errors.New("no proposer leads")
	// ErrForeignAnswer: something that is not Synod answered, such as a JetStream stream that captures the
	// subject of proposals.
	ErrForeignAnswer = errors.New("something other than a proposer answers proposals " +
		"(does a JetStream stream capture their subject?)")
)

// byCode are the errors that a proposer's answer may stand for.
var byCode = map[int]error{
	400: ErrBadRequest,
	413: ErrTooLarge,
	429: ErrOverloaded,
	503: ErrNoQuorum,
	504: ErrNoLeader,
}

// readAnswer reads a proposer's answer to a plain request.
func readAnswer(log string, answer *nats.Msg) (Outcome, error) {
	var body struct {
		Log       string `json:"log"`
		Slot      uint64 `json:"slot"`
		Duplicate bool   `json:"duplicate"`
		Error     *struct {
			Code        int    `json:"code"`
			Description string `json:"description"`
		} `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &body); err != nil {
		return Outcome{}, fmt.Errorf("%w: %.80q", ErrForeignAnswer, answer.Data)
	}
	switch {
	case body.Error != nil:
		known, ok := byCode[body.Error.Code]
		if !ok {
			known = fmt.Errorf("not acknowledged (code %d)", body.Error.Code)
		}
		return Outcome{}, fmt.Errorf("%w: %s", known, body.Error.Description)
	case body.Log != log || body.Slot == 0:
		return Outcome{}, fmt.Errorf("%w: %.80q", ErrForeignAnswer, answer.Data)
	}
	return Outcome{Slot: body.Slot, Duplicate: body.Duplicate}, nil
}
