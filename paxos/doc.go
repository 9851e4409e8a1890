// Package paxos is the protocol of Synod: roles as state machines, which take in messages and ticks
// and say what to save and what to send. There is no I/O, clock, randomness, goroutine, lock or
// logger in it.
//
// To read it: [Acceptor] first (acceptor.go is all that an acceptor promises), then candidate.go
// (phase 1), leadership.go (phase 2), [Proposer], and [Learner]. testdata/single_decree.txt is the
// smallest story of them all, as it really runs.
//
// # Choosing
//
// A value is chosen when a quorum of acceptors has accepted it in one ballot. The leader has a quorum's
// promises, so it need not ask again: one round trip, and one sync on each acceptor, in parallel.
//
//	client      p1 (leads)        a1  a2  a3         l1
//	  | propose    |               |   |   |          |
//	  |----------->| accept(b,7-9) |   |   |          |    the values travel once,
//	  |            |-------------->|-->|-->|--------->|    to everyone
//	  |            |               S   S   S          |    S: saved and synced
//	  |            |<--------------|---|---|          |    accepted(b,7-9): a span, no values
//	  |  slot 7    | accept(b,10,chosen 9)            |
//	  |<-----------|--------------------------------->|    l1 delivers 7-9
//
// What is chosen is told along with the next run, or at once by itself where none follows.
//
// # Taking over
//
// A standby that has not heard the leader for its patience prepares a higher ballot. What a quorum has
// accepted above what is settled comes back with the promises; it is proposed again, in the new ballot,
// before anything new.
//
//	p2               a1  a2  a3
//	 | prepare(b')    |   |   |      b' is above every ballot that p2 heard of
//	 |--------------->|-->|-->|
//	 |                S   S          S: promise b', and settled
//	 |<---------------|---|          promise(b', settled 6, accepted 7-8 in b)
//	 | accept(b',7-8) |   |   |      the values of the highest ballots, holes filled with no-ops
//	 |--------------->|-->|-->|      and then the proposals that p2 holds
//
// # Repairing
//
// Chosen values never change, so whoever lacks some asks one acceptor that has settled them.
//
//	a3                     a1
//	 | accept(b,12, chosen 11)      a3 has settled 6 only
//	 | pull(7)              |
//	 |--------------------->|       read from its store, apart from its voting
//	 |<---------------------|       settled(7-11)
//	 S
//
// # Papers
//
//   - [PMS]  Lamport, Paxos Made Simple, 2001
//   - [PTP]  Lamport, The Part-Time Parliament, 1998
//   - [PMMC] van Renesse and Altinbuken, Paxos Made Moderately Complex, 2015
//   - [RP]   Marandi et al., Ring Paxos, 2010: values travel once, votes carry none
//   - [CMP]  Whittaker et al., Scaling Replicated State Machines with Compartmentalization, 2021
//   - [FP]   Howard et al., Flexible Paxos, 2016
//   - [PQR]  Charapko et al., Linearizable Quorum Reads in Paxos, 2019
package paxos
