package chaos

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestASeedTellsThePlan(t *testing.T) {
	if !reflect.DeepEqual(Plan(7, 5*time.Minute), Plan(7, 5*time.Minute)) {
		t.Error("one seed made two plans")
	}
	if reflect.DeepEqual(Plan(7, 5*time.Minute), Plan(8, 5*time.Minute)) {
		t.Error("two seeds made one plan")
	}
}

func TestAPlanHasEveryKindOfFaultWhereThereIsTime(t *testing.T) {
	for seed := range uint64(50) {
		had := make(map[string]bool)
		for _, step := range Plan(seed, 4*time.Minute) {
			had[step.Kind] = true
		}
		for _, k := range kinds {
			if !had[k.name] {
				t.Errorf("seed %d has no %q", seed, k.name)
			}
		}
	}
}

func TestFaultsOfIdentityAreAloneAndOthersMayOverlap(t *testing.T) {
	overlaps := 0
	for seed := range uint64(20) {
		steps := Plan(seed, 10*time.Minute)
		for i, step := range steps[1:] {
			before := steps[i]
			if step.At < before.At {
				t.Fatalf("seed %d: %v at %v comes after %v", seed, step, step.At, before.At)
			}
			if step.At < before.At+before.For {
				overlaps++
			}
			if kindNamed(before.Kind).isAlone && step.At < before.At+lasting {
				t.Errorf("seed %d: %v begins during %v", seed, step, before)
			}
		}
	}
	if overlaps == 0 {
		t.Error("no two faults overlap")
	}
}

func TestAStepNeedsWhatItHits(t *testing.T) {
	for _, test := range []struct {
		step Step
		want []string
	}{
		{Step{Kind: "kill leader", Targets: []string{"leader"}}, []string{"proposers"}},
		{Step{Kind: "kill two proposers", Targets: []string{"leader", "standby"}}, []string{"proposers"}},
		{Step{Kind: "kill two acceptors", Targets: []string{"a4", "a2"}}, []string{"a2", "a4"}},
		{Step{Kind: "kill learner", Targets: []string{"l2"}}, []string{"l2"}},
		{Step{Kind: "cut connection", Targets: []string{"p2"}}, []string{"proposers"}},
		{Step{Kind: "cut route", Targets: []string{"b1", "b3"}}, []string{"brokers"}},
		{Step{Kind: "wiped store", Targets: []string{"a1"}}, []string{everything}},
	} {
		if got := test.step.resources(); !slices.Equal(got, test.want) {
			t.Errorf("%v needs %v, want %v", test.step, got, test.want)
		}
	}
}

func TestWhatIsTakenIsWaitedFor(t *testing.T) {
	r := newResources()
	r.take([]string{"a1"})
	r.take([]string{"a2", "a3"})
	if r.areFree([]string{"a1"}) || r.areFree([]string{everything}) || !r.areFree([]string{"a4"}) {
		t.Error("what is taken is free, or the other way round")
	}
	var waiting sync.WaitGroup
	waiting.Go(func() { r.take([]string{everything}) })
	r.giveBack([]string{"a1"})
	r.giveBack([]string{"a2", "a3"})
	waiting.Wait()
	if r.areFree([]string{"a4"}) {
		t.Error("something is free while everything is taken")
	}
}
