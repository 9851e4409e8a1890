// Package worker runs a role as a process: messages from NATS in, a step of its state machine, records
// to the store, messages out.
//
// Each role has one loop, one connection and no lock. The loop takes one message and all that wait,
// steps the role once, and has hands carry out what the role wants done: what must be saved is
// durable before anything else is done. Whatever can wait is done apart from the loop: acceptors read
// settled values for whoever pulls, proposers judge the proposals that arrive, learners hand values
// to their consumer.
//
// RunAcceptor, RunProposer and RunLearner return when their context ends, in order (a leader hands
// over first), or with an error that says what to do, which must end the process.
package worker
