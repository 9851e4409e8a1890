package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

func TestALearnerWithASlowConsumerLagsAndLosesNothing(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	log, conn := c.client(), c.connect()
	values := &collected{grew: make(chan struct{}, 1), from: 1}
	goOn := make(chan struct{})
	c.start(func(ctx context.Context) error {
		o := worker.LearnerOptions{Options: c.options("l1"), BufferBytes: 16 << 10}
		return worker.RunLearner(ctx, o, func(run paxos.Run) error {
			select {
			case <-goOn:
			case <-ctx.Done():
			}
			return values.deliver(run)
		})
	})
	var want []string
	var last paxos.Slot
	for i := range 100 {
		value := fmt.Sprintf("%03d %s", i, strings.Repeat("x", 1<<10))
		want, last = append(want, value[:24]+"…"), c.propose(log, value)
	}
	for { // until it has heard of all, and has had time to ask for more than it has room for
		var report worker.LearnerReport
		c.status(conn, "l", "l1", &report)
		if report.Learned >= last {
			t.Fatalf("%d slots were learned ahead of a consumer that took none", report.Learned)
		}
		if report.Target >= last && report.Learned > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	if got := withoutNoops(values.through(t, last)); !slices.Equal(got, want) {
		t.Errorf("learned %d values, not the %d proposed", len(got), len(want))
	}
}

func TestAConsumersErrorEndsItsLearner(t *testing.T) {
	c := founded(t)
	c.proposer("p1")
	full := errors.New("no room in the sink")
	learner := c.start(func(ctx context.Context) error {
		return worker.RunLearner(ctx, worker.LearnerOptions{Options: c.options("l1")},
			func(paxos.Run) error { return full })
	})
	c.propose(c.client(), "red")
	<-learner.done
	if !errors.Is(learner.err, full) {
		t.Errorf("ended with %v, want %v", learner.err, full)
	}
}
