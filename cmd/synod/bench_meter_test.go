package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

func TestPercentilesOfMergedMetersAreThoseOfAllValues(t *testing.T) {
	all, odd, even := newLatency(), newLatency(), newLatency()
	for i := 1; i <= 1000; i++ {
		took := time.Duration(i) * time.Millisecond
		if i%2 == 0 {
			even.add(took)
		} else {
			odd.add(took)
		}
	}
	all.merge(newLatency())
	all.merge(even)
	all.merge(odd)
	if all.count() != 1000 || all.least != time.Millisecond || all.longest != time.Second {
		t.Errorf("%d from %v to %v", all.count(), all.least, all.longest)
	}
	for percent, want := range map[float64]time.Duration{
		50: 500 * time.Millisecond, 90: 900 * time.Millisecond, 99: 990 * time.Millisecond,
	} {
		if got := all.at(percent); got < want || got > want*101/100 {
			t.Errorf("p%v is %v, want %v and at most 1 %% more", percent, got, want)
		}
	}
}

func TestAPercentileIsNeverBeyondTheLongest(t *testing.T) {
	l := newLatency()
	l.add(75_287 * time.Microsecond)
	l.add(2 * time.Hour) // beyond what is recorded
	if l.at(50) < l.least || l.at(99.9) > l.longest || l.longest != 2*time.Hour {
		t.Errorf("p50 %v and p99.9 %v of %v to %v", l.at(50), l.at(99.9), l.least, l.longest)
	}
}

// What a value's fate is called, and whether it may yet be chosen.
func TestAFailureIsCalledByWhatIsKnown(t *testing.T) {
	unknown := func(causes ...error) error { return errors.Join(append(causes, client.ErrOutcomeUnknown)...) }
	for _, test := range []struct {
		why     error
		want    failure
		isFinal bool
	}{
		{unknown(context.DeadlineExceeded), failureNoAnswer, false},
		{unknown(client.ErrClosed), failureNoAnswer, false},
		{unknown(nats.ErrNoResponders), failureNoLeader, false},
		{unknown(client.ErrNoLeader), failureNoLeader, false},
		{unknown(client.ErrNoQuorum, context.DeadlineExceeded), failureNoQuorum, false},
		{unknown(client.ErrOverloaded), failureOverloaded, false},
		{unknown(client.ErrForeignAnswer), failureForeign, false},
		{fmt.Errorf("%w: 3 bytes", client.ErrTooLarge), failureRefused, true},
		{client.ErrBadRequest, failureRefused, true},
		{context.DeadlineExceeded, failureUnsent, true},
	} {
		if got := failureOf(test.why); got != test.want || got.isFinal() != test.isFinal {
			t.Errorf("%v is called %s, want %s", test.why, got, test.want)
		}
	}
}

func TestEveryKindOfFailureHasWords(t *testing.T) {
	told := make(map[failure]bool)
	for _, f := range failures {
		told[f.kind] = f.words != ""
	}
	for _, kind := range []failure{failureRefused, failureUnsent, failureNoAnswer, failureNoLeader,
		failureNoQuorum, failureOverloaded, failureForeign} {
		if !told[kind] {
			t.Errorf("%s is not told", kind)
		}
	}
}

func TestAMeterCountsWhatWasAnsweredTogether(t *testing.T) {
	m, all := newMeter(), newMeter()
	began := time.Now().Add(-time.Hour)
	m.add(began, 7, 0, nil)
	m.add(began, 2, 3, client.ErrOutcomeUnknown)
	m.add(began, 0, 1, client.ErrTooLarge)
	all.merge(m)
	all.merge(newMeter())
	if all.acknowledged != 9 || all.failures[failureNoAnswer] != 3 || all.failures[failureRefused] != 1 {
		t.Errorf("acknowledged %d, failures %v", all.acknowledged, all.failures)
	}
	if all.answers.count() != 2 || all.answers.least < time.Hour {
		t.Errorf("%d answers of at least %v, want 2 of an hour", all.answers.count(), all.answers.least)
	}
	if !errors.Is(all.refusal, client.ErrTooLarge) || all.took(began) < time.Hour {
		t.Errorf("refused %v, took %v", all.refusal, all.took(began))
	}
}

func TestAMeasurementEndsWithTheCodeOfTheWorst(t *testing.T) {
	began := time.Now()
	acknowledged, unanswered, refused := newMeter(), newMeter(), newMeter()
	acknowledged.add(began, 1, 0, nil)
	unanswered.add(began, 0, 1, client.ErrOutcomeUnknown)
	refused.add(began, 0, 1, client.ErrTooLarge)
	if err := benchEnd(acknowledged, "main"); err != nil {
		t.Errorf("all was acknowledged, and it ends with %v", err)
	}
	if err := benchEnd(unanswered, "main"); !errors.Is(err, errUnknown) {
		t.Errorf("a value had no answer, and it ends with %v", err)
	}
	refused.merge(unanswered)
	if err := benchEnd(refused, "main"); errors.Is(err, errUnknown) || !errors.Is(err, client.ErrTooLarge) {
		t.Errorf("a value was refused, and it ends with %v", err)
	}
}
