package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// timed is a role that notes when it is handed what.
type timed struct {
	begun time.Time
	said  []string
}

func (r *timed) Step(...paxos.Message) paxos.Effects { return r.note("step") }
func (r *timed) Tick() paxos.Effects                 { return r.note("tick") }

func (r *timed) note(what string) paxos.Effects {
	r.said = append(r.said, fmt.Sprintf("%s at %v", what, time.Since(r.begun).Round(time.Millisecond)))
	return paxos.Effects{}
}

// dozing runs a role that may be given four ticks together for as long as said, while meanwhile happens.
func dozing(w *world, long time.Duration, meanwhile func(s *Sender), carryOut func(r *timed)) []string {
	to := w.open(w.options(), proposer1)
	to.role.Doze = 4
	defer to.Close()
	from := w.open(w.options(), acceptor1)
	defer from.Close()
	ctx, stop := context.WithTimeout(context.Background(), long)
	defer stop()
	role := &timed{begun: time.Now()}
	if meanwhile != nil {
		go meanwhile(from.NewSender())
	}
	err := to.Run(ctx, role, func(paxos.Effects) error {
		if carryOut != nil {
			carryOut(role)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return role.said
}

func TestALoopWhereNothingArrivesGivesTicksTogetherAndLosesNone(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		said := dozing(w, 10*time.Second+5*time.Millisecond, nil, nil)
		together := map[string]int{}
		for _, one := range said {
			together[one]++
		}
		if len(said) != 1000 || len(together) != 250 {
			w.t.Errorf("%d ticks at %d times in ten seconds, want 1000 at 250", len(said), len(together))
		}
	})
}

func TestWhatArrivesFindsTheTicksGivenThatHavePassed(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		got := dozing(w, 85*time.Millisecond, func(s *Sender) {
			time.Sleep(25 * time.Millisecond)
			s.Send(vote(1))
			time.Sleep(14 * time.Millisecond)
			s.Send(vote(2))
		}, nil)
		want := []string{
			"tick at 25ms", "tick at 25ms", "step at 25ms",
			"tick at 39ms", "step at 39ms", // the fourth is the timer's, a moment later
			"tick at 40ms",
			"tick at 80ms", "tick at 80ms", "tick at 80ms", "tick at 80ms",
		}
		if !slices.Equal(got, want) {
			w.t.Errorf("got %q\nwant %q", got, want)
		}
	})
}

func TestAPauseIsNotMadeUpForByADozingLoop(t *testing.T) {
	inBubble(t, broker.Options{}, func(w *world) {
		paused := false
		got := dozing(w, 2*time.Minute, nil, func(*timed) {
			if !paused {
				paused = true
				time.Sleep(time.Minute)
			}
		})
		// A minute's without the pause, and the four that the timer was set for when it began.
		if want := 6000 + 4; len(got) != want {
			w.t.Errorf("%d ticks in a minute that was listened to and one that was not, want %d", len(got), want)
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
