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
// A tick is given every 10 ms; while nothing arrives, up to the role's Doze of them together, so that an
// idle worker need not wake up for each. What arrives finds those given that have passed. Others are
// never made up for: a process that was paused for a minute does not get six thousand, so that it does
// not act on silence that it did not listen to.
func (l *Link) Run(ctx context.Context, role paxos.Role, carryOut func(paxos.Effects) error) error {
	clock := newClock(l.role.Doze)
	defer clock.timer.Stop()
	var arrived []paxos.Message
	tick := func(ticks int) error {
		for range ticks {
			if err := carryOut(role.Tick()); err != nil {
				return err
			}
		}
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.events.closed:
			return errClosed
		case <-clock.timer.C:
			if err := tick(clock.onTime()); err != nil {
				return err
			}
		case <-l.inbox.Ready():
			if err := tick(clock.onArrival()); err != nil {
				return err
			}
			arrived = l.inbox.Take(arrived)
			if err := carryOut(role.Step(arrived...)); err != nil {
				return err
			}
		}
	}
}
