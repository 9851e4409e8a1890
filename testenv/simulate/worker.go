package simulate

import (
	"encoding/binary"

	"github.com/synod-log/synod/paxos"
)

// worker is a role as a process: what the package worker is in the real world.
type worker struct {
	id      ID
	member  ID // for a twin, the acceptor it is a copy of; else id
	address paxos.Address
	state   state
	doomed  Mode // how it crashes when it next saves; Usual: it does not
	tears   int  // where doomed is Torn: the records of that save that are kept
	starts  uint64
	ticks   int // in all its lives
	process paxos.Nonce

	role     paxos.Role
	acceptor *paxos.Acceptor
	proposer *paxos.Proposer
	learner  *paxos.Learner

	disk    *disk   // of acceptors
	own     *disk   // kept when the world is reset
	isSlow  bool    // its disk takes its time for each save
	pending pending // the save under way
	tag     paxos.Tag
	reads   []paxos.Read
	waits   []paxos.Message  // what arrived while it was paused or saved
	next    paxos.Slot       // of learners: the slot to deliver next
	heard   [ids]uint64      // of proposers and acceptors: the highest sequence it took in of each acceptor since it started
	knows   [ids]paxos.Nonce // the processes whose hello it took in since it started

	misled    []string // the founders it is started with, where they are not the right ones
	faulty    bool     // its store was wiped, copied or rolled back
	witnesses idSet    // those whose processes had heard of more than its store was rolled back to
}

type state uint8

const (
	down state = iota
	running
	paused
	saving // its disk takes its time; nothing is sent, and what arrives waits
	ended  // it stopped itself for good, and must not be started again
)

func (k *worker) reset(id ID) {
	own := k.own
	if own == nil && id.isAcceptor() {
		own = &disk{}
	}
	*k = worker{
		id: id, member: id, own: own, reads: k.reads[:0], waits: k.waits[:0], next: 1,
		pending: pending{save: k.pending.save[:0], send: k.pending.send[:0], read: k.pending.read[:0]},
	}
	k.address = addressOf(id)
}

func addressOf(id ID) paxos.Address {
	role := paxos.RoleClient
	switch {
	case id.isAcceptor():
		role = paxos.RoleAcceptor
	case id.isProposer():
		role = paxos.RoleProposer
	case id.isLearner():
		role = paxos.RoleLearner
	}
	return paxos.Address{Role: role, ID: id.String()}
}

// nonce draws the eight random bytes of a start.
func (w *World) nonce(k *worker) (nonce paxos.Nonce) {
	x := w.salt<<16 ^ uint64(k.id)<<8 ^ k.starts
	binary.BigEndian.PutUint64(nonce[:], mix(x))
	return nonce
}

// mix is the finalizer of splitmix64: it makes of different numbers different ones that look random.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// start begins a process of the worker.
func (w *World) start(k *worker) {
	k.starts++
	k.process = w.nonce(k)
	k.state, k.doomed, k.tag = running, Usual, paxos.Tag{}
	k.reads, k.waits = k.reads[:0], k.waits[:0]
	k.knows, k.heard = [ids]paxos.Nonce{}, [ids]uint64{}
	w.forgetSteps(k.id)
	w.forgetWitness(k.id)
	switch {
	case k.disk != nil:
		w.startAcceptor(k)
	case k.id.isProposer():
		k.proposer = paxos.NewProposer(paxos.ProposerOptions{
			Log: logName, ID: k.address.ID, Process: k.process, Timing: w.setup.timing(),
			Limits: w.setup.limits(),
		})
		k.role = k.proposer
		w.carryOut(k, k.proposer.Start())
	default:
		k.learner = paxos.NewLearner(paxos.LearnerOptions{
			Log: logName, ID: k.address.ID, Process: k.process, From: k.next, Timing: w.setup.timing(),
			Limits: w.setup.limits(),
		})
		k.role = k.learner
		w.carryOut(k, k.learner.Start())
	}
}

func (w *World) startAcceptor(k *worker) {
	k.acceptor = paxos.NewAcceptor(paxos.AcceptorOptions{
		Log: logName, ID: k.address.ID, Founders: w.foundersOf(k), Store: k.disk.store,
		Process: k.process, Timing: w.setup.timing(), Limits: w.setup.limits(),
	})
	k.role = k.acceptor
	for _, record := range k.disk.records {
		k.acceptor.Restore(record)
	}
	w.judgeRestarted(k)
	w.carryOut(k, k.acceptor.Start())
}

func (w *World) restart(k *worker) {
	if k.state == down && (k.disk != nil || k.id.isProposer() || k.id.isLearner()) && w.isPresent(k.id) {
		if k.id != Twin || k.member != Twin {
			w.start(k)
		}
	}
}

func (w *World) isPresent(id ID) bool {
	for _, present := range w.present {
		if present == id {
			return true
		}
	}
	return false
}
