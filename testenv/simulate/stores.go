package simulate

// befallStore does to an acceptor's store what the design calls a fault of identity.
func (w *World) befallStore(k *worker, op Operation) {
	if k.disk == nil || !w.isPresent(k.id) || k.id == Twin {
		return
	}
	switch {
	case op.Verb == Wipe && k.state == down:
		w.identityFault, k.faulty = true, true
		w.faults[Wiped]++
		k.disk.wipe()
	case op.Verb == Rollback && k.state == down:
		left := len(k.disk.records) - op.N
		if left > k.disk.freeAt() && k.disk.image.isFree {
			w.identityFault, k.faulty = true, true
			w.faults[RolledBack]++
			if k.disk.boots(left) > 1 {
				w.faults[RestoredOld]++
			}
			w.noteWitnesses(k, uint64(left))
			k.disk.truncate(left)
		}
	case op.Verb == Copy && k.state != ended && w.workers[Twin].state == down && w.workers[Twin].member == Twin:
		w.identityFault, k.faulty = true, true
		w.faults[Copied]++
		twin := &w.workers[Twin]
		twin.member, twin.address, twin.faulty = k.id, k.address, true
		twin.disk.copyOf(k.disk)
		w.start(twin)
	}
}

// foundersOf is the list of founders that an acceptor is started with.
func (w *World) foundersOf(k *worker) []string {
	if k.misled != nil {
		return k.misled
	}
	return founders[w.setup.Acceptors]
}

// mislead has an acceptor that is down be started with another list of founders from now on, or with the
// right one where none is given.
func (w *World) mislead(k *worker, list []string) {
	if k.disk == nil || k.state != down || k.id == Twin {
		return
	}
	k.misled = nil
	if len(list) > 0 {
		k.misled = list
		w.faults[Misled]++
	}
}

// faulty counts the acceptors whose stores something happened to.
func (w *World) faulty() (count int) {
	for id := firstAcceptor; id < firstAcceptor+ID(w.setup.Acceptors); id++ {
		if w.workers[id].faulty {
			count++
		}
	}
	return count
}
