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
	starts  uint64
	process paxos.Nonce

	role     paxos.Role
	acceptor *paxos.Acceptor
	proposer *paxos.Proposer
	learner  *paxos.Learner

	disk  *disk // of acceptors
	own   *disk // kept when the world is reset
	tag   paxos.Tag
	reads []paxos.Read
	waits []paxos.Message // what arrived while it was paused
	next  paxos.Slot      // of learners: the slot to deliver next
	told  uint64          // of acceptors: the highest sequence it ever said

	faulty       bool // its store was wiped, copied or rolled back
	hasForgotten bool // its store was rolled back to before what it told
}

type state uint8

const (
	down state = iota
	running
	paused
	ended // it stopped itself for good, and must not be started again
)

func (k *worker) reset(id ID) {
	own := k.own
	if own == nil && id.isAcceptor() {
		own = &disk{}
	}
	*k = worker{id: id, member: id, own: own, reads: k.reads[:0], waits: k.waits[:0], next: 1}
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
	w.forgetSteps(k.id)
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
		Log: logName, ID: k.address.ID, Founders: founders[w.setup.Acceptors], Store: k.disk.store,
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

// doom crashes a worker, now or when it next saves.
func (w *World) doom(k *worker, mode Mode) {
	if mode != Usual && k.disk != nil && k.state == running {
		k.doomed = mode
		return
	}
	w.crash(k)
}

func (w *World) crash(k *worker) {
	if k.state == running || k.state == paused {
		k.state = down
		w.note("%v crashes", k.id)
	}
}

// resume hands a paused worker all that has waited for it.
func (w *World) resume(k *worker) {
	if k.state != paused {
		return
	}
	k.state = running
	if len(k.waits) > 0 {
		effects := k.role.Step(k.waits...)
		k.waits = k.waits[:0]
		w.carryOut(k, effects)
	}
}

// carryOut does what a role wants done. Its order is that of every worker: first save, then the rest.
func (w *World) carryOut(k *worker, e paxos.Effects) {
	if len(e.Save) > 0 && k.doomed == Unsaved {
		w.crash(k)
		return
	}
	for _, record := range e.Save {
		w.noteRecord(k, record)
		w.judgeRecord(k, record)
		k.disk.append(record)
	}
	if len(e.Save) > 0 && k.doomed == Unsent {
		w.crash(k)
		return
	}
	for _, message := range e.Send {
		w.send(k, message)
	}
	k.reads = append(k.reads, e.Read...)
	for _, run := range e.Learned {
		w.note("%v learns %v", k.id, run)
		w.judgeLearned(k, run)
	}
	for _, outcome := range e.Outcomes {
		w.onOutcome(k, outcome)
	}
	for _, notice := range e.Notices {
		w.onNotice(k, notice)
	}
}

// onNotice ends a process that says it must end. Only a store that was tampered with is a reason.
func (w *World) onNotice(k *worker, notice paxos.Notice) {
	w.note("%v: %s", k.id, notice.Text)
	if !notice.Fatal {
		return
	}
	k.state = ended
	if !w.identityFault {
		w.violated("fatal", "%v ends: %s", k.id, notice.Text)
	}
}

// befallStore does to an acceptor's store what the design calls a fault of identity.
func (w *World) befallStore(k *worker, op Operation) {
	if k.disk == nil || !w.isPresent(k.id) || k.id == Twin {
		return
	}
	switch {
	case op.Verb == Wipe && k.state == down:
		w.identityFault, k.faulty = true, true
		k.disk.wipe()
	case op.Verb == Rollback && k.state == down:
		left := len(k.disk.records) - op.N
		if left >= 3 && k.disk.records[2] != nil {
			w.identityFault, k.faulty = true, true
			k.hasForgotten = k.told > uint64(left)
			k.disk.truncate(left)
		}
	case op.Verb == Copy && w.workers[Twin].state == down:
		w.identityFault, k.faulty = true, true
		twin := &w.workers[Twin]
		twin.member, twin.address, twin.faulty = k.id, k.address, true
		twin.disk.copyOf(k.disk)
		w.start(twin)
	}
}
