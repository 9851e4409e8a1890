// Package chaos runs Synod as real processes, three brokers in a cluster, five acceptors, three
// proposers and three learners, and does to them what a bad week does: kills, pauses, cut and
// one-way routes, slow connections, full disks, wiped, old and copied stores. Meanwhile clients
// propose and read.
//
// What is done, to whom and when is drawn from a seed (see Plan). A replay injects the same faults
// in the same order at the same moments, as far as the moment before them ended in time; how the
// processes then interleave is their own, so that a failure may need several replays.
//
// In the end everything is healed, the log must go on within seconds, and this must hold:
//
//   - all that clients were told is one history of one log (see checkHistory and checkLinear);
//   - each learner printed the log byte for byte, every time it was started;
//   - each acceptor's store is sound, and what it settled is the log's beginning;
//   - no process ended that nobody ended, and each that had to refuse to run did, and said why.
//
// Stores that are wiped or rolled back are put back: the true store is moved aside and never copied
// over, so that no run ever loses more than the protocol allows for.
package chaos
