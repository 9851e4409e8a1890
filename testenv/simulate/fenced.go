package simulate

import "github.com/synod-log/synod/paxos"

// noteHeard notes how far a proposer or an acceptor hears that an acceptor's store is. Left out is what
// it may pass over: what it hears before it is of the membership, and promises in ballots that it has given up.
func (w *World) noteHeard(k *worker, m *paxos.Message) {
	if m.From.Role != paxos.RoleAcceptor || m.Tag != w.tag || k.tag != w.tag || k.learner != nil {
		return
	}
	sequence := uint64(0)
	switch b := m.Body.(type) {
	case *paxos.Hello:
		sequence = b.Acceptor.Sequence
	case *paxos.Accepted:
		sequence = b.Sequence
	}
	from := idOf(m.From.ID)
	k.heard[from] = max(k.heard[from], sequence)
}

// noteWitnesses notes who has heard of more than a store that is rolled back has left.
func (w *World) noteWitnesses(k *worker, left uint64) {
	k.witnesses = 0
	for _, id := range w.present {
		if id != k.id && w.workers[id].state == running && w.workers[id].heard[k.id] > left {
			k.witnesses.add(id)
		}
	}
}

// forgetWitness notes that a process that began has heard of nobody's past.
func (w *World) forgetWitness(id ID) {
	for i := range w.workers {
		w.workers[i].witnesses &^= 1 << id
	}
}

// judgeFenced holds an acceptor whose store was copied or rolled back against what the design promises:
// it does not run on beside its copy, nor where somebody who heard of more than its store has runs, hears it
// and is heard.
func (w *World) judgeFenced(k *worker) {
	twin := &w.workers[Twin]
	if !k.faulty || k.state != running {
		return
	}
	if twin.member == k.id && twin.state == running {
		w.violated("G6", "%v and its copy both run on", k.id)
	}
	for _, id := range w.present {
		if k.witnesses.has(id) && w.isSound(id) {
			w.violated("G6", "%v runs on, and its store has forgotten what %v heard of it", k.id, id)
		}
	}
}
