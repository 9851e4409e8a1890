package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// pollEvery is how often a reading looks where its learner is.
const pollEvery = 10 * time.Millisecond

// reading prints a log from one slot to another.
type reading struct {
	settings config.Config
	from, to paxos.Slot // to is 0: to the end
	follow   bool
	printer  *printer

	conn    *nats.Conn // to ask acceptors with
	learner *client.Learner

	end      paxos.Slot    // the last slot to print; 0: there is none; fixed once endKnown is closed
	endKnown chan struct{} // nothing is printed before
}

// errReachedEnd ends the learner when all is printed.
var errReachedEnd = errors.New("the end is reached")

// run prints until the end is reached or ctx ends, whichever is first. It fails where the log cannot be
// read on for the timeout.
func (r *reading) run(ctx context.Context) error {
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if err := r.watch(watched); err != nil {
			cancel(err)
		}
	}()
	err := r.learner.Run(watched, func(run paxos.Run) error { return r.deliver(watched, run) })
	if err == nil {
		err = context.Cause(watched)
	}
	switch {
	case errors.Is(err, errReachedEnd):
		return nil
	case ctx.Err() == nil:
		return err
	case r.follow && r.to == 0:
		return nil // to be interrupted is how it ends
	}
	return unknown{errors.New("interrupted before the end was reached")}
}

// deliver prints what of a run is wanted.
func (r *reading) deliver(ctx context.Context, run paxos.Run) error {
	select {
	case <-r.endKnown:
	case <-ctx.Done():
		return nil
	}
	if r.end != 0 {
		run = run.Through(r.end)
	}
	if err := r.printer.print(run); err != nil {
		return err
	}
	if r.end != 0 && run.Last() >= r.end {
		return errReachedEnd
	}
	return nil
}

// watch finds out where the end is, and fails where the learner does not get there.
func (r *reading) watch(ctx context.Context) error {
	membership, err := r.awaitMembership(ctx)
	if err != nil {
		return err
	}
	if r.follow {
		r.end = r.to
		close(r.endKnown)
		return nil
	}
	r.end, err = r.findEnd(ctx, membership)
	if err != nil {
		return err
	}
	if r.to != 0 {
		r.end = min(r.end, r.to)
	}
	if r.end < r.from {
		return errReachedEnd // there is nothing to print
	}
	close(r.endKnown)
	return r.awaitEnd(ctx)
}

func (r *reading) awaitMembership(ctx context.Context) (paxos.Membership, error) {
	deadline := time.Now().Add(r.settings.NATS.Timeout)
	for {
		status := r.learner.Status()
		if len(status.Membership.Members) > 0 {
			return status.Membership, nil
		}
		if !r.follow && time.Now().After(deadline) {
			return paxos.Membership{}, unknown{fmt.Errorf("log %s cannot be read: %s at %s; start those that "+
				"are down, or is the log's name right?", r.settings.Log,
				cmp.Or(status.Waiting, "nobody is heard"), redacted(r.settings.NATS.URL))}
		}
		if err := pause(ctx); err != nil {
			return paxos.Membership{}, err
		}
	}
}

// findEnd asks the acceptors for the highest slot they have accepted. Every value acknowledged by now is
// accepted by a quorum, and any two quorums share an acceptor: none is above the highest that a quorum
// tells [PQR].
func (r *reading) findEnd(
	ctx context.Context, membership paxos.Membership,
) (end paxos.Slot, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.settings.NATS.Timeout)
	defer cancel()
	answers := make(chan paxos.Slot, len(membership.Members))
	for _, member := range membership.Members {
		go func() {
			if highest, err := r.askHighest(ctx, member); err == nil {
				answers <- highest
			}
		}()
	}
	for heard := range membership.Quorum() {
		select {
		case highest := <-answers:
			end = max(end, highest)
		case <-ctx.Done():
			return 0, unknown{fmt.Errorf("the end of log %s is not known: %d of %d acceptors answer (need %d); "+
				"start the others, or read what is known with --follow",
				r.settings.Log, heard, len(membership.Members), membership.Quorum())}
		}
	}
	return end, nil
}

// askHighest asks one acceptor until it answers or ctx ends.
func (r *reading) askHighest(ctx context.Context, member paxos.Member) (paxos.Slot, error) {
	subjects, err := codec.NewSubjects(r.settings.Prefix, r.settings.Log)
	if err != nil {
		return 0, err
	}
	subject := subjects.Status(paxos.RoleAcceptor, member.ID)
	for {
		answer, err := r.conn.RequestWithContext(ctx, subject, nil)
		if err == nil {
			var report worker.AcceptorReport
			err = json.Unmarshal(answer.Data, &report)
			return max(report.Settled, report.Highest), err
		}
		if err := pause(ctx); err != nil {
			return 0, err
		}
	}
}

// awaitEnd fails when the learner has got nowhere for the timeout. What is accepted and not chosen, after
// a leader died, needs another to be chosen.
func (r *reading) awaitEnd(ctx context.Context) error {
	learned, since := paxos.Slot(0), time.Now()
	for {
		status := r.learner.Status()
		if status.Learned > learned {
			learned, since = status.Learned, time.Now()
		}
		if status.Learned < r.end && time.Since(since) > r.settings.NATS.Timeout {
			return unknown{fmt.Errorf("log %s is known to be chosen through slot %d, and its end is at %d; "+
				"does a proposer lead? %s", r.settings.Log, status.Learned, r.end, status.Waiting)}
		}
		if err := pause(ctx); err != nil {
			return nil // printed, or told to stop
		}
	}
}

// pause waits a moment, and fails where ctx ends.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollEvery):
		return nil
	}
}
