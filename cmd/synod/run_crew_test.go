package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/synod-log/synod/config"
)

// stage is a crew of roles that do nothing but note when they end.
type stage struct {
	members []member
	ended   chan string
	talk    bytes.Buffer
}

func newStage(roles ...string) *stage {
	s := &stage{ended: make(chan string, len(roles))}
	for _, name := range roles {
		role := config.Role{Name: name}
		s.members = append(s.members, member{role: role, run: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Second) // as long as it may take a leader to hand over
			s.ended <- name
			return nil
		}})
	}
	return s
}

// failing has the role with this number fail after a while, or while it is stopped.
func (s *stage) failing(number int, after time.Duration, err error) {
	s.members[number].run = func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-time.After(after):
		}
		s.ended <- "failed"
		return err
	}
}

func (s *stage) start(ctx context.Context) *crew {
	return startCrew(ctx, s.members, slog.New(slog.NewTextHandler(&s.talk, nil)))
}

// order is how the roles ended, once all have.
func (s *stage) order() []string {
	order := make([]string, 0, len(s.members))
	for range s.members {
		order = append(order, <-s.ended)
	}
	return order
}

func TestProposersStopFirstAndAcceptorsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage("acceptor", "learner", "proposer", "acceptor", "proposer")
		ctx, signal := context.WithCancel(t.Context())
		crew := s.start(ctx)
		signal()
		<-crew.ctx.Done()
		if err := crew.stop(); err != nil {
			t.Errorf("stopped with the error %v", err)
		}
		want := []string{"proposer", "proposer", "learner", "acceptor", "acceptor"}
		if got := s.order(); !slices.Equal(got, want) {
			t.Errorf("they ended in the order %q, want %q", got, want)
		}
	})
}

func TestARoleThatFailsStopsTheOthersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage("acceptor", "acceptor", "learner", "proposer")
		poisoned := errors.New("the store is poisoned")
		s.failing(0, time.Minute, poisoned)
		crew := s.start(t.Context())
		<-crew.ctx.Done()
		if err := crew.stop(); !errors.Is(err, poisoned) {
			t.Errorf("stopped with the error %v, want %v", err, poisoned)
		}
		want := []string{"failed", "proposer", "learner", "acceptor"}
		if got := s.order(); !slices.Equal(got, want) {
			t.Errorf("they ended in the order %q, want %q", got, want)
		}
		if said := s.talk.String(); !strings.Contains(said, "role=acceptor") || !strings.Contains(said, "poisoned") {
			t.Errorf("it does not say which role failed, and why: %s", said)
		}
	})
}

func TestAFailureWhileStoppingIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage("acceptor", "proposer")
		unclosed := errors.New("the store did not close")
		s.failing(0, time.Hour, unclosed)
		ctx, signal := context.WithCancel(t.Context())
		crew := s.start(ctx)
		signal()
		<-crew.ctx.Done()
		if err := crew.stop(); !errors.Is(err, unclosed) {
			t.Errorf("stopped with the error %v, want %v", err, unclosed)
		}
	})
}

func TestTheFirstOfSeveralFailuresIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage("acceptor", "proposer")
		first, second := errors.New("first"), errors.New("second")
		s.failing(0, 2*time.Second, first)
		s.failing(1, time.Hour, second)
		crew := s.start(t.Context())
		<-crew.ctx.Done()
		if err := crew.stop(); !errors.Is(err, first) {
			t.Errorf("stopped with the error %v, want %v", err, first)
		}
		if said := s.talk.String(); !strings.Contains(said, "second") {
			t.Errorf("the second failure is not told: %s", said)
		}
	})
}
