package workload

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// server takes one value at a time, each for a while, and keeps it. It refuses what finds too long a queue.
type server struct {
	takes   time.Duration
	most    int  // that may wait; 0: any number
	forgets int  // every so many-th value is acknowledged and not kept; 0: none
	repeats int  // every so many-th is kept twice; 0: none
	windows bool // it makes its clients wait for room instead of refusing

	mu      sync.Mutex
	free    time.Time // when it has done all that waits
	waiting int
	log     [][]byte
	room    chan struct{}
}

func (s *server) Put(ctx context.Context, value []byte) error {
	s.mu.Lock()
	if s.most > 0 && s.waiting >= s.most && !s.windows {
		s.mu.Unlock()
		return fmt.Errorf("%w: the queue is full", ErrRefused)
	}
	s.waiting++
	if now := time.Now(); s.free.Before(now) {
		s.free = now
	}
	s.free = s.free.Add(s.takes)
	until := time.Until(s.free)
	s.mu.Unlock()
	time.Sleep(until)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
	s.keep(value)
	return ctx.Err()
}

func (s *server) keep(value []byte) {
	count := len(s.log) + 1
	if s.forgets > 0 && count%s.forgets == 0 {
		value = nil
	}
	if s.repeats > 0 && count%s.repeats == 0 {
		s.log = append(s.log, value)
	}
	s.log = append(s.log, value)
}

func (*server) Close() {}

// windowed is a client of a server that waits for room.
type windowed struct{ *server }

func (w windowed) Go(ctx context.Context, value []byte) (Wait, error) {
	select {
	case w.room <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ended := make(chan error, 1)
	go func() {
		ended <- w.Put(ctx, value)
		<-w.room
	}()
	return func() error { return <-ended }, nil
}

// overload offers two thousand values a second for two seconds.
func overload(t *testing.T, s *server, client Client) Fates {
	t.Helper()
	load := Load{Rate: 2000, Bytes: 32, For: 2 * time.Second}
	offered := Overload(t.Context(), load, []Client{client, client})
	for _, value := range s.log {
		offered.See(value)
	}
	return offered.Fates()
}

func TestGoodputIsWhatIsAcknowledgedWhileValuesAreOffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{takes: time.Millisecond} // half of what is offered
		got := overload(t, s, s)
		if got.Offered != 4000 || got.Acknowledged != 4000 || got.Goodput < 990 || got.Goodput > 1010 {
			t.Errorf("got %+v, want all of 4,000 acknowledged in the end, 1,000 a second", got)
		}
		if got.Lost+got.Repeated+got.Stored > 0 {
			t.Errorf("got %+v, want all in the log once", got)
		}
	})
}

func TestWhatIsRefusedOrUnknownIsToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{takes: time.Millisecond, most: 100}
		got := overload(t, s, s)
		if got.Refused < 1500 || got.Acknowledged+got.Refused != got.Offered || got.Stored > 0 {
			t.Errorf("got %+v, want nearly half refused, and the rest acknowledged", got)
		}
		if len(got.Errors) != 1 || !errors.Is(got.Errors[0], ErrRefused) {
			t.Errorf("the errors are %v", got.Errors)
		}
		s = &server{takes: 10 * time.Millisecond} // it would need 40 seconds
		got = overload(t, s, s)
		if got.Acknowledged < 500 || got.Acknowledged > 710 || got.Unknown != got.Offered-got.Acknowledged {
			t.Errorf("got %+v, want what takes longer than five seconds given up", got)
		}
		if got.Stored != got.Unknown {
			t.Errorf("got %+v, want what was given up stored all the same", got)
		}
	})
}

func TestWhatFindsNoRoomInTheClientIsHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{takes: time.Millisecond, room: make(chan struct{}, 50), windows: true}
		got := overload(t, s, windowed{s})
		if got.HeldBack < 1900 || got.Acknowledged+got.HeldBack != got.Offered {
			t.Errorf("got %+v, want half held back", got)
		}
	})
}

func TestALogThatLostOrRepeatedAValueIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{forgets: 100}
		if got := overload(t, s, s); got.Acknowledged != 4000 || got.Lost != 40 {
			t.Errorf("got %+v, want 40 lost", got)
		}
		s = &server{repeats: 1000}
		if got := overload(t, s, s); got.Acknowledged != 4000 || got.Repeated == 0 || got.Lost > 0 {
			t.Errorf("got %+v, want some repeated", got)
		}
	})
}
