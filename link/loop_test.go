package link

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// counting is a role that counts what it is handed.
type counting struct {
	ticks int
	steps [][]paxos.Message
}

func (c *counting) Step(arrived ...paxos.Message) paxos.Effects {
	c.steps = append(c.steps, append([]paxos.Message(nil), arrived...))
	return paxos.Effects{}
}

func (c *counting) Tick() paxos.Effects {
	c.ticks++
	return paxos.Effects{}
}

func TestALoopThatWasHeldUpGetsOneTickNotAllItMissed(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		l := w.open(w.options(), proposer1)
		defer l.Close()
		role := &counting{}
		ctx, stop := context.WithCancel(context.Background())
		err := l.Run(ctx, role, func(paxos.Effects) error {
			switch role.ticks {
			case 1:
				time.Sleep(time.Minute) // as a process that was stopped, or a slow disk
			case 2:
				stop()
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if role.ticks > 3 { // select may take one more tick before it sees that ctx has ended
			w.t.Errorf("%d ticks were given after a pause", role.ticks)
		}
	})
}

func TestWhatArrivesWhileEffectsAreCarriedOutIsSteppedTogether(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		from, to := w.open(w.options(), acceptor1), w.open(w.options(), proposer1)
		defer from.Close()
		defer to.Close()
		role := &counting{}
		sender := from.NewSender()
		ctx, stop := context.WithCancel(context.Background())
		sender.Send(vote(1))
		err := to.Run(ctx, role, func(paxos.Effects) error {
			switch len(role.steps) {
			case 1:
				for slot := range paxos.Slot(10) {
					sender.Send(vote(slot + 2))
				}
				synctest.Wait() // all have arrived while the first is being carried out
				return nil
			case 2:
				stop()
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(role.steps) != 2 || len(role.steps[1]) < 10 {
			w.t.Errorf("ten votes that waited were not stepped together: %v", role.steps)
		}
	})
}

func TestALoopEndsWithTheErrorOfCarryingOut(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		l := w.open(w.options(), proposer1)
		defer l.Close()
		broken := errors.New("the disk is gone")
		err := l.Run(context.Background(), &counting{}, func(paxos.Effects) error { return broken })
		if !errors.Is(err, broken) {
			w.t.Errorf("ended with %v, want %v", err, broken)
		}
	})
}

func TestALoopEndsWhenItsConnectionIsClosedForGood(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		l := w.open(w.options(), proposer1)
		defer l.Close()
		l.conn.Close()
		err := l.Run(context.Background(), &counting{}, func(paxos.Effects) error { return nil })
		if !errors.Is(err, errClosed) {
			w.t.Errorf("ended with %v, want %v", err, errClosed)
		}
	})
}
