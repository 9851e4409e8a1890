package worker

import (
	"log/slog"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// hands carry out what a role wants done. Those that a role never needs are nil.
type hands struct {
	save   func([]paxos.Record) error // acceptors: returns when the records are durable
	send   func(paxos.Message)
	read   func(paxos.Read)      // acceptors
	answer func([]paxos.Outcome) // proposers
	logger *slog.Logger
}

// carryOut does what effects say. Everything in Save is durable before anything else is done: this
// order is the safety of Paxos. An error ends the role.
func (h *hands) carryOut(effects paxos.Effects) error {
	if len(effects.Save) > 0 {
		if err := h.save(effects.Save); err != nil {
			return err // nothing that rests on these records may be said
		}
	}
	for i := range effects.Send {
		h.send(effects.Send[i])
	}
	for i := range effects.Read {
		h.read(effects.Read[i])
	}
	if len(effects.Outcomes) > 0 {
		h.answer(effects.Outcomes)
	}
	return link.Tell(h.logger, effects.Notices)
}
