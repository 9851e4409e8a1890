package worker

import (
	"context"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

// LearnerOptions are what a learner is run with.
type LearnerOptions struct {
	Options
	// From is the first slot to learn; 0 is 1.
	From paxos.Slot
	// BufferBytes is how much may be learned ahead of deliver; 0 is the client's default.
	BufferBytes int
	// Private has it neither offer to publish the feed nor answer reads.
	Private bool
	// MemoryBytes is how much of the log's end is kept to answer reads from; 0 is 16 MiB. What is older is
	// asked of the acceptors.
	MemoryBytes int
}

// RunLearner runs a learner until ctx ends, or something is wrong that only a person can put right. It
// hands deliver every run of the log from o.From on, in slot order, each slot once, in a goroutine apart
// from the learner's loop; an error of deliver's ends the learner. A slow deliver makes it lag, and lose
// nothing: see client.Learn. A nil deliver takes and forgets.
func RunLearner(ctx context.Context, o LearnerOptions, deliver func(paxos.Run) error) error {
	options, subjects, err := o.Options.complete(paxos.RoleLearner)
	if err != nil {
		return err
	}
	made := client.LearnerOptions{
		Conn: options.Conn, Prefix: o.Prefix, Log: o.Log, ID: o.ID, Role: paxos.RoleLearner,
		From: o.From, BufferBytes: o.BufferBytes, Timing: o.Timing, Limits: o.Limits,
		Logger: options.Logger,
	}
	var face *face
	if !o.Private {
		face = newFace(o, subjects)
		made.Face = face
	}
	learner, err := client.NewLearner(made)
	if err != nil {
		return err
	}
	defer learner.Close()
	if face != nil {
		if err := face.start(learner); err != nil {
			return err
		}
		defer face.stop()
	}
	report := func() any { return reportLearner(o.Log, o.ID, learner) }
	status := subjects.Status(paxos.RoleLearner, o.ID)
	if err := serve(learner.Link(), paxos.RoleLearner, o.Log, status, report); err != nil {
		return err
	}
	if deliver == nil {
		deliver = func(paxos.Run) error { return nil }
	}
	return learner.Run(ctx, deliver)
}

func reportLearner(log, id string, learner *client.Learner) LearnerReport {
	self := paxos.Address{Role: paxos.RoleLearner, ID: id}
	status := learner.Status()
	return LearnerReport{
		Identity: identityOf(log, self, status.Membership, status.Heard, status.Dropped, learner.Link().Counts()),
		Waiting:  status.Waiting, Ballot: ballotText(status.Ballot),
		Learned: status.Learned, Target: status.Target, Delivered: learner.Delivered(),
		Offering: status.Offering, Feeding: status.Feeding,
	}
}
