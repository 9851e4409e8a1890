package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/synod-log/synod/codec"
)

func TestFewValuesGoAtOnceAndManyWaitForEachOther(t *testing.T) {
	for _, c := range []struct {
		sent    []int // values of each message that is on its way
		waiting int
		want    bool
	}{
		{nil, 0, false},
		{nil, 1, true},
		{[]int{1}, 0, false},
		{[]int{1}, 1, true},
		{[]int{1, 1}, 1, true},
		{[]int{1, 1, 1}, 1, false},
		{[]int{1, 1, 1}, 2, true},
		{[]int{1, 1, 1, 1}, 2, false}, // four are enough
		{[]int{60}, 29, false},
		{[]int{60}, 30, true},
		{[]int{60, 30}, 44, false},
		{[]int{1000, 1000, 1000, 1000, 1000}, messageBytes / 100, true}, // full ones always go
	} {
		l := unconnected(t)
		for _, left := range c.sent {
			l.sent = append(l.sent, &message{left: left})
		}
		l.queue, l.queued = make([]*Pending, c.waiting), 101*c.waiting
		if got := l.isReady(); got != c.want {
			t.Errorf("with %v on their way, %d that wait are sent: %t", c.sent, c.waiting, got)
		}
		l.gone = c.waiting
		l.queued = 0
		if l.isReady() {
			t.Errorf("with %v on their way, %d that were given up are sent", c.sent, c.waiting)
		}
	}
}

func TestAContextThatEndsGivesUpItsOwnProposalsAndNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := unconnected(t)
		why := errors.New("enough")
		first, endFirst := context.WithCancelCause(t.Context())
		second, endSecond := context.WithCancel(t.Context())
		defer endSecond()
		var ofFirst, ofSecond [5]Pending
		for i := range 5 {
			for ctx, p := range map[context.Context]*Pending{first: &ofFirst[i], second: &ofSecond[i]} {
				l.Lock()
				p.pipeline = l
				l.watchOver(ctx, p)
				l.Unlock()
			}
		}
		if len(l.watches) != 2 {
			t.Errorf("two contexts have %d watches", len(l.watches))
		}
		for _, i := range []int{0, 4, 2} { // the last in the list, the first, one between
			l.Lock()
			l.resolve(&ofFirst[i], Outcome{Slot: 7}, nil)
			l.Unlock()
		}
		endFirst(why)
		for i := range ofFirst {
			outcome, err := ofFirst[i].Result()
			isAnswered := i%2 == 0
			if isAnswered && (err != nil || outcome.Slot != 7) {
				t.Errorf("what was answered ended with %v, %v", outcome, err)
			}
			if !isAnswered && (!errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, why)) {
				t.Errorf("what was not answered ended with %v", err)
			}
		}
		synctest.Wait()
		for i := range ofSecond {
			if ofSecond[i].isResolved.Load() {
				t.Errorf("the end of another context ended a proposal with %v", ofSecond[i].err)
			}
			l.Lock()
			l.resolve(&ofSecond[i], Outcome{Slot: 8}, nil)
			l.Unlock()
		}
		if len(l.watches) != 0 {
			t.Errorf("%d watches are left over", len(l.watches))
		}
	})
}

func TestAProposalIsDoneForAllWhoAskWheneverTheyAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := unconnected(t)
		p := &Pending{pipeline: l}
		before := p.Done()
		results := make(chan Outcome, 3)
		for range cap(results) {
			go func() {
				outcome, _ := p.Result()
				results <- outcome
			}()
		}
		synctest.Wait()
		if len(results) > 0 {
			t.Fatal("there is a result before there is an outcome")
		}
		l.Lock()
		l.resolve(p, Outcome{Slot: 7}, nil)
		l.resolve(p, Outcome{Slot: 8}, nil) // the first time counts
		l.Unlock()
		<-before
		<-p.Done()
		for range cap(results) {
			if got := <-results; got.Slot != 7 {
				t.Errorf("the result is %v", got)
			}
		}
		late := &Pending{pipeline: l}
		l.Lock()
		l.resolve(late, Outcome{Slot: 9}, nil)
		l.Unlock()
		<-late.Done() // nobody asked before
	})
}

func TestWhatAClientHasOnItsWayIsHalvedWhenItIsRefusedAndGrowsByAMessageForEachThatItHas(t *testing.T) {
	c := crowding{pause: firstRetryWait}
	now := time.Now()
	c.onRefused(0, 9, now)
	c.onRefused(0, 4, now) // of what was sent before
	if c.most != 4 {
		t.Fatalf("refused with 9 messages on their way, it may have %d", c.most)
	}
	for _, want := range []int{4, 4, 4, 5, 5, 5, 5, 5, 6} {
		if c.onChosen(); c.most != want {
			t.Errorf("it may have %d on their way, want %d", c.most, want)
		}
	}
	c.onRefused(0, 1, c.until)
	if c.most != 1 {
		t.Errorf("refused with one on its way, it may have %d", c.most)
	}
	for chosen := 0; c.most > 0; chosen++ {
		if c.onChosen(); chosen > mostCrowded*mostCrowded {
			t.Fatal("it never forgets that a leader was overloaded")
		}
	}
}

// unconnected returns a pipeline that sends nothing.
func unconnected(t *testing.T) *pipeline {
	t.Helper()
	subjects, err := codec.NewSubjects("", "main")
	if err != nil {
		t.Fatal(err)
	}
	return newPipeline(nil, "main", subjects, Options{})
}
