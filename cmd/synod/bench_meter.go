package main

import (
	"errors"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

// Latencies are recorded in microseconds, with an error below 1 %: a meter is then small enough (25 KiB)
// for each of thousands of clients to have its own.
const (
	longestTook  = int64(10 * time.Minute / time.Microsecond)
	meteredDigit = 2
)

// latency is how long things took. Its least and longest are exact.
type latency struct {
	histogram      *hdrhistogram.Histogram
	least, longest time.Duration
}

func newLatency() *latency {
	return &latency{histogram: hdrhistogram.New(1, longestTook, meteredDigit)}
}

func (l *latency) add(took time.Duration) {
	if l.count() == 0 || took < l.least {
		l.least = took
	}
	l.longest = max(l.longest, took)
	_ = l.histogram.RecordValue(min(max(1, took.Microseconds()), longestTook)) // never out of its bounds
}

func (l *latency) merge(other *latency) {
	if other.count() == 0 {
		return
	}
	if l.count() == 0 || other.least < l.least {
		l.least = other.least
	}
	l.longest = max(l.longest, other.longest)
	l.histogram.Merge(other.histogram)
}

func (l *latency) count() int64 { return l.histogram.TotalCount() }

// at is what a percentage of all took no longer than.
func (l *latency) at(percent float64) time.Duration {
	took := time.Duration(l.histogram.ValueAtQuantile(percent)) * time.Microsecond
	return min(max(took, l.least), l.longest)
}

// meter is what one client has measured.
type meter struct {
	answers      *latency
	acknowledged int64
	failures     map[failure]int64 // values, by why they were not acknowledged
	refusal      error             // the first that says that a value can never be chosen
	last         time.Time         // when it was known last how a value ended

	late       *latency // of an open loop: how long after their times values began; nil: of another
	due, begun int64    // and how many were to begin, and did
}

func newMeter() *meter {
	return &meter{answers: newLatency(), failures: make(map[failure]int64)}
}

// add counts proposals that were answered together, some of them acknowledged, the others for a reason
// not.
func (m *meter) add(began time.Time, acknowledged, others int, why error) {
	m.last = time.Now()
	if acknowledged > 0 {
		m.answers.add(m.last.Sub(began))
		m.acknowledged += int64(acknowledged)
	}
	if others == 0 {
		return
	}
	kind := failureOf(why)
	m.failures[kind] += int64(others)
	if kind == failureRefused && m.refusal == nil {
		m.refusal = why
	}
}

func (m *meter) merge(other *meter) {
	m.answers.merge(other.answers)
	m.acknowledged += other.acknowledged
	for kind, count := range other.failures {
		m.failures[kind] += count
	}
	if m.refusal == nil {
		m.refusal = other.refusal
	}
	if other.last.After(m.last) {
		m.last = other.last
	}
	m.due += other.due
	m.begun += other.begun
	if other.late == nil {
		return
	}
	if m.late == nil {
		m.late = newLatency()
	}
	m.late.merge(other.late)
}

// failure is why a value was not acknowledged. Its text is a name in JSON, and a promise.
type failure string

const (
	failureRefused failure = "refused" // it will never be chosen
	failureUnsent  failure = "unsent"  // nor will this

	// Of these it is not known whether they will be chosen.
	failureNoAnswer   failure = "no_answer"
	failureNoLeader   failure = "no_leader"
	failureNoQuorum   failure = "no_quorum"
	failureOverloaded failure = "overloaded"
	failureForeign    failure = "foreign_answer"
)

// failures are all kinds, in the order in which they are told, with their words.
var failures = []struct {
	kind  failure
	words string
}{
	{failureNoAnswer, "had no answer in time"},
	{failureNoLeader, "found no proposer that leads"},
	{failureNoQuorum, "found a leader that hears no majority of acceptors"},
	{failureOverloaded, "found the leader's queue full"},
	{failureForeign, "were answered by something that is not Synod"},
	{failureUnsent, "were not sent: what was on its way filled the window, or the connection closed"},
	{failureRefused, "were refused"},
}

// isFinal reports whether the value will never be chosen.
func (f failure) isFinal() bool { return f == failureRefused || f == failureUnsent }

func failureOf(why error) failure {
	switch {
	case errors.Is(why, client.ErrTooLarge), errors.Is(why, client.ErrBadRequest):
		return failureRefused
	case errors.Is(why, client.ErrForeignAnswer):
		return failureForeign
	case errors.Is(why, client.ErrNoQuorum):
		return failureNoQuorum
	case errors.Is(why, client.ErrOverloaded):
		return failureOverloaded
	case errors.Is(why, client.ErrNoLeader), errors.Is(why, nats.ErrNoResponders):
		return failureNoLeader
	case !errors.Is(why, client.ErrOutcomeUnknown):
		return failureUnsent
	}
	return failureNoAnswer
}
