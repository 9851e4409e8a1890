package workload

import (
	"context"
	"sync"
	"time"
)

const (
	// schedules is how many goroutines begin values, each at its share of the rate.
	schedules = 16

	// mostWaiting bounds the values of one schedule that wait at once. Where it is reached, values begin
	// late; their latency counts from when they should have begun all the same.
	mostWaiting = 4096
)

// runOpen begins values at a rate, whether those before were acknowledged or not. A latency counts from the
// moment that the value was to begin: a pause is seen by all values that fall into it.
func runOpen(ctx context.Context, load Load, clients []Client) []*meter {
	ctx, cancel := context.WithTimeout(ctx, load.For+patience)
	defer cancel()
	value := Value(load.Bytes)
	interval := time.Duration(schedules * float64(time.Second) / load.Rate)
	began := time.Now()
	var wait sync.WaitGroup
	all := make([]*schedule, schedules)
	for i := range all {
		s := &schedule{
			next: began.Add(interval * time.Duration(i) / schedules), end: began.Add(load.For),
			interval: interval, client: clients[i%len(clients)], value: value, meter: newMeter(),
			room: make(chan struct{}, mostWaiting), idle: make(chan time.Time),
		}
		all[i] = s
		wait.Go(func() { s.run(ctx) })
	}
	wait.Wait()
	meters := make([]*meter, len(all))
	for i, s := range all {
		meters[i] = s.meter
	}
	return meters
}

// schedule begins one value after each interval.
type schedule struct {
	next, end time.Time
	interval  time.Duration
	client    Client
	value     []byte
	room      chan struct{}  // holds as many as wait
	idle      chan time.Time // to a goroutine that has put its value: when the next was due
	waiting   sync.WaitGroup
	meter     *meter
}

func (s *schedule) run(ctx context.Context) {
	for ; s.next.Before(s.end) && ctx.Err() == nil; s.next = s.next.Add(s.interval) {
		if early := time.Until(s.next); early > 0 {
			time.Sleep(early)
		}
		s.room <- struct{}{}
		due := s.next
		select {
		case s.idle <- due:
		default:
			s.waiting.Go(func() { s.putAll(ctx, due) })
		}
	}
	close(s.idle)
	s.waiting.Wait()
}

// putAll puts a value, and then others as they become due. A new goroutine for each would cost the stack that it
// grows: as much as all that is measured.
func (s *schedule) putAll(ctx context.Context, due time.Time) {
	for isMore := true; isMore; due, isMore = <-s.idle {
		s.put(ctx, due)
	}
}

func (s *schedule) put(ctx context.Context, due time.Time) {
	err := s.client.Put(ctx, s.value)
	took := time.Since(due)
	<-s.room
	s.meter.took(took, 1, err)
}
