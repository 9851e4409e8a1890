package simulate

import "github.com/synod-log/synod/paxos"

// judgeRecord holds a record against what the disk says before it. [faults A1–A5]
func (w *World) judgeRecord(k *worker, record paxos.Record) {
	image := &k.disk.image
	switch r := record.(type) {
	case *paxos.BootRecord:
		if r.Boot <= image.boot || r.Began > uint64(len(k.disk.records)) {
			w.violated("A1", "%v begins boot %d at %d after boot %d, with %d records", k.id, r.Boot, r.Began,
				image.boot, len(k.disk.records))
		}
	case *paxos.AdoptedRecord:
		if image.adopted != nil && !image.adopted.Equal(r.Membership) {
			w.violated("founding", "%v adopts twice", k.id)
		}
	case *paxos.PromisedRecord:
		if r.Ballot.Less(image.promised) {
			w.violated("A1", "%v promises %v after %v", k.id, r.Ballot, image.promised)
		}
	case *paxos.AcceptedRecord:
		w.judgeAccepted(k, r.Proposal)
	case *paxos.SettledRecord:
		for slot := image.settled + 1; slot <= r.Through; slot++ {
			w.judgeSettled(k, slot, image.at(slot).value)
		}
	case *paxos.RepairedRecord:
		for slot := image.settled + 1; slot < r.Run.First; slot++ {
			w.judgeSettled(k, slot, image.at(slot).value)
		}
		for i := range r.Run.Values {
			w.judgeSettled(k, r.Run.First+paxos.Slot(i), &r.Run.Values[i])
		}
	}
}

func (w *World) judgeAccepted(k *worker, p paxos.Proposal) {
	image := &k.disk.image
	if p.Ballot.Less(image.promised) {
		w.violated("A3", "%v accepts %v, and has promised %v", k.id, p.Ballot, image.promised)
	}
	ballot := w.truth.ballot(p.Ballot)
	for i := range p.Run.Values {
		slot, value := p.Run.First+paxos.Slot(i), &p.Run.Values[i]
		was := image.at(slot)
		if p.Ballot.Less(was.ballot) {
			w.violated("A2", "%v accepts %v in slot %d, after %v", k.id, p.Ballot, slot, was.ballot)
		}
		if was.value != nil && was.ballot == p.Ballot && was.value != value && !was.value.Equal(*value) {
			w.violated("A5", "%v accepts %v and %v in ballot %v, slot %d", k.id, was.value, value, p.Ballot,
				slot)
		}
		if slot <= image.settled {
			w.judgeSettled(k, slot, value)
		}
		known := w.truth.slot(ballot, slot)
		if known.value == nil || known.value != value && !known.value.Equal(*value) {
			w.violated("I2", "%v accepts %v in ballot %v, slot %d, where %v was proposed", k.id, value,
				p.Ballot, slot, known.value)
		}
		known.accepted.add(k.member)
	}
}

// judgeSettled holds a value that is called settled against what was chosen.
func (w *World) judgeSettled(k *worker, slot paxos.Slot, value *paxos.Value) {
	chosen := w.truth.choice(slot).value
	if value == nil || chosen == nil || value != chosen && !value.Equal(*chosen) {
		w.violated("settled", "%v settles slot %d as %v, chosen is %v", k.id, slot, value, chosen)
	}
}

// judgeRestarted holds what an acceptor knows after a start against its disk. [faults A7]
func (w *World) judgeRestarted(k *worker) {
	status, image := k.acceptor.Status(), &k.disk.image
	if status.Promised.Less(image.promised) || status.Settled < image.settled || status.Highest < image.highest ||
		status.Boot != image.boot || status.Sequence != uint64(len(k.disk.records)) {
		w.violated("A7", "%v starts with promised %v, settled %d, highest %d, boot %d and %d records, durable are "+
			"%v, %d, %d, %d and %d", k.id, status.Promised, status.Settled, status.Highest, status.Boot,
			status.Sequence, image.promised, image.settled, image.highest, image.boot, len(k.disk.records))
	}
}

// judgeRaised holds what an acceptor goes by against a promise, or what is one, that is durable now. [faults A4]
func (w *World) judgeRaised(k *worker) {
	if promised := k.acceptor.Status().Promised; promised.Less(k.disk.image.promised) {
		w.violated("A4", "%v has saved %v, and goes on from promised %v", k.id, k.disk.image.promised, promised)
	}
}
