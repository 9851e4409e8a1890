// Package client proposes values to a Synod log and learns it.
//
// To propose, any NATS connection will do:
//
//	log, err := client.New(conn, "main", client.Options{})
//	outcome, err := log.Propose(ctx, client.Proposal{Value: []byte("hello")})
//	// outcome.Slot is where the value is, on disk on a majority of acceptors
//
// Propose repeats the proposal under one id until it is acknowledged or ctx ends, so that the value is
// chosen at most once however often it was sent.
//
// To learn, a Learner has a connection of its own, counts votes itself, and hands over every value from
// a slot on, in order and without a hole:
//
//	err := client.Learn(ctx, client.LearnerOptions{Log: "main", From: 1}, func(run paxos.Run) error {
//		…
//	})
package client
