package link

import (
	"context"
	"errors"
	"time"

	"github.com/synod-log/synod/paxos"
)

// Tick is how long a tick of the roles is.
const Tick = 10 * time.Millisecond

var errClosed = errors.New("the connection to NATS was closed for good: restart this worker")

// Run drives a role until ctx ends (then it returns nil) or carryOut fails: it takes one message and
// all that wait, steps the role once with them, has the effects carried out, and begins again. So
// what comes in while effects are carried out is answered together the next time, with no timer:
// that is how many values share one sync and one message.
//
// A tick is given every 10 ms, and never made up for: a process that was paused for a minute gets one
// tick, not six thousand, so that it does not act on silence that it did not listen to.
func (l *Link) Run(ctx context.Context, role paxos.Role, carryOut func(paxos.Effects) error) error {
	ticker := time.NewTicker(Tick)
	defer ticker.Stop()
	var arrived []paxos.Message
	for {
		var effects paxos.Effects
		select {
		case <-ctx.Done():
			return nil
		case <-l.events.closed:
			return errClosed
		case <-ticker.C:
			effects = role.Tick()
		case <-l.inbox.Ready():
			arrived = l.inbox.Take(arrived)
			effects = role.Step(arrived...)
		}
		if err := carryOut(effects); err != nil {
			return err
		}
	}
}
