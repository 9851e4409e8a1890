package simulate

import "github.com/synod-log/synod/paxos"

// carryOut does what a role wants done. Its order is that of every worker: first save, then the rest. A slow
// disk comes between the two, and so may a crash.
func (w *World) carryOut(k *worker, e paxos.Effects) {
	if len(e.Save) > 0 {
		if k.isSlow {
			w.beginSave(k, e)
			return
		}
		if !w.save(k, e.Save) {
			return
		}
	}
	w.release(k, e)
}

// save makes records durable, and reports whether the process lives on. Where it does not, some of the
// batch, always the first of its records, may be durable all the same.
func (w *World) save(k *worker, records []paxos.Record) bool {
	kept := len(records)
	switch k.doomed {
	case Unsaved:
		kept = 0
	case Torn:
		kept = min(k.tears, kept)
	}
	promised := k.disk.image.promised
	for _, record := range records[:kept] {
		w.noteRecord(k, record)
		w.judgeRecord(k, record)
		k.disk.append(record)
	}
	if k.doomed != Usual {
		w.countTorn(kept, len(records))
		w.crash(k)
		return false
	}
	if k.disk.image.promised != promised {
		w.judgeRaised(k)
	}
	return true
}

func (w *World) countTorn(kept, of int) {
	switch kept {
	case 0:
		w.faults[LostSave]++
	case of:
		w.faults[UnsentSave]++
	default:
		w.faults[TornSave]++
	}
}

// release does what may be done once all that was to be saved is durable.
func (w *World) release(k *worker, e paxos.Effects) {
	for _, message := range e.Send {
		w.send(k, message)
	}
	for _, read := range e.Read {
		if len(k.reads) < mostReads { // workers drop what is too much: whoever pulls will ask again
			k.reads = append(k.reads, read)
		}
	}
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
	if w.isFlooded {
		w.judgeLimits(k)
	}
}

// pending is a save that takes its time: what is saved, and what is to be done when it is over.
type pending struct {
	save    []paxos.Record
	send    []paxos.Message
	read    []paxos.Read
	notices []paxos.Notice
}

// mostReads bounds the pulls that wait for a disk.
const mostReads = 64

// beginSave keeps what a role wants done until its disk is done with the first of it.
func (w *World) beginSave(k *worker, e paxos.Effects) {
	w.faults[SlowSave]++
	p := &k.pending
	p.save = append(p.save[:0], e.Save...)
	p.send = append(p.send[:0], e.Send...)
	p.read = append(p.read[:0], e.Read...)
	p.notices = e.Notices // not used again by the role
	k.state = saving
	w.note("%v saves for a while", k.id)
}

// endSave ends the save under way, and hands over what arrived meanwhile.
func (w *World) endSave(k *worker) {
	if k.state != saving {
		return
	}
	k.state = running
	if p := &k.pending; w.save(k, p.save) {
		w.release(k, paxos.Effects{Send: p.send, Read: p.read, Notices: p.notices})
		w.handOverWaits(k)
	}
}

// endSaves has one disk, or all, be done with what it saves.
func (w *World) endSaves(who ID) {
	for _, id := range w.present {
		if who == None || who == id {
			w.endSave(&w.workers[id])
		}
	}
}

// quicken ends that a disk, or all, are slow.
func (w *World) quicken(who ID) {
	for _, id := range w.present {
		if who == None || who == id {
			w.workers[id].isSlow = false
		}
	}
	w.endSaves(who)
}

// doom crashes a worker, now or when it next saves. One that is about to save crashes in the midst of it.
func (w *World) doom(k *worker, op Operation) {
	switch {
	case k.state == saving:
		k.state, k.doomed, k.tears = running, op.Mode, op.N
		if op.Mode == Usual {
			k.doomed = Unsaved
		}
		w.save(k, k.pending.save)
	case op.Mode != Usual && k.disk != nil && k.state == running:
		k.doomed, k.tears = op.Mode, op.N
	default:
		w.crash(k)
	}
}

func (w *World) crash(k *worker) {
	if k.state == running || k.state == paused {
		k.state = down
		w.faults[Crashed]++
		w.note("%v crashes", k.id)
	}
}

// resume hands a paused worker all that has waited for it.
func (w *World) resume(k *worker) {
	if k.state == paused {
		k.state = running
		w.handOverWaits(k)
	}
}

// handOverWaits hands a worker that runs what has waited for it, all at once.
func (w *World) handOverWaits(k *worker) {
	if k.state == running && len(k.waits) > 0 {
		w.handOver(k, k.waits)
	}
}

// handOver has a role take in what has arrived.
func (w *World) handOver(k *worker, arrived []paxos.Message) {
	w.noteSteps(k, arrived)
	effects := k.role.Step(arrived...)
	k.waits = k.waits[:0]
	w.carryOut(k, effects)
}

// onNotice ends a process that says it must end. Only a store that was tampered with, and a wrong list of
// founders, are reasons.
func (w *World) onNotice(k *worker, notice paxos.Notice) {
	w.note("%v: %s", k.id, notice.Text)
	switch {
	case !notice.Fatal:
	case k.misled != nil:
		k.state = down // it can be started again with the right list
	default:
		k.state = ended
		if !w.identityFault {
			w.violated("fatal", "%v ends: %s", k.id, notice.Text)
		}
	}
}
