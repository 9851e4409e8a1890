package client

import (
	"errors"
	"fmt"

	"github.com/synod-log/synod/paxos"
)

var (
	// ErrOutcomeUnknown: the value was not acknowledged, and may yet be chosen. Repeat it with the same
	// id to find out.
	ErrOutcomeUnknown = errors.New("the outcome is unknown: it may yet be chosen; repeat with the same id")
	// ErrTooLarge: the value was refused, and will not be chosen.
	ErrTooLarge = errors.New("the value is too large")
	// ErrBadRequest: the proposal, or the request to read, was refused, and will never be accepted.
	ErrBadRequest = errors.New("the request is not valid")
	// ErrOverloaded: the leader's queue is full. A client waits and tries again until its ctx ends.
	ErrOverloaded = errors.New("the leader is overloaded")
	// ErrNoQuorum: the leader hears no quorum of acceptors.
	ErrNoQuorum = errors.New("no quorum of acceptors is heard")
	// ErrNoLeader: no proposer leads, or none listens.
	ErrNoLeader = errors.New("no proposer leads")
	// ErrNoLearner: no learner answers reads.
	ErrNoLearner = errors.New("no learner answers reads")
	// ErrForeignAnswer: something that is not Synod answered, such as a JetStream stream that captures the
	// subject of proposals or reads.
	ErrForeignAnswer = errors.New("something other than Synod answers " +
		"(does a JetStream stream capture the subject?)")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("the client is closed")
)

// ErrTrimmed says that the slots below First are gone from the log. Use errors.As.
type ErrTrimmed struct{ First uint64 }

func (e ErrTrimmed) Error() string {
	return fmt.Sprintf("the slots below %d are gone from the log: read on from there", e.First)
}

// The codes of final refusals: the value was not proposed and will not be.
const (
	codeBadRequest paxos.OutcomeCode = 400
	codeTooLarge   paxos.OutcomeCode = 413
)

// errorOf is the error that an outcome other than chosen stands for.
func errorOf(code paxos.OutcomeCode, why string) error {
	known := map[paxos.OutcomeCode]error{
		codeBadRequest: ErrBadRequest, codeTooLarge: ErrTooLarge, paxos.OutcomeOverloaded: ErrOverloaded,
		paxos.OutcomeNoQuorum: ErrNoQuorum, paxos.OutcomeNoLeader: ErrNoLeader,
	}[code]
	switch {
	case known == nil:
		return fmt.Errorf("not acknowledged (code %d): %s", code, why)
	case why == "":
		return known
	}
	return fmt.Errorf("%w: %s", known, why)
}
