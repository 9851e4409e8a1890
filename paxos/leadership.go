package paxos

// leadership is a proposer's phase 2 in one ballot: it numbers values, proposes them in runs,
// several in flight, and counts votes until they are chosen. It is replaced whole with its ballot.
//
// Invariants: in this ballot a slot is proposed with one value only; slots are proposed in order,
// from first on, without holes; chosen counts only votes of this ballot.
type leadership struct {
	ballot  Ballot
	limits  Limits
	first   Slot // S + 1: the slots below are settled
	next    Slot // the next to propose
	chosen  Slot // every slot from first to here is chosen; first − 1 where none is
	told    Slot // what of chosen was told
	tally   tally
	backlog Run         // recovered, to be proposed before anything new
	queue   queue       // proposals to be placed
	flight  []flying    // proposed and not chosen, in slot order
	bytes   int         // of flight
	placed  map[ID]bool // clients' ids of the backlog that are not learned yet
	pace    pace

	heard    map[string]int // tick at which an acceptor last answered in this ballot
	spoke    int            // tick of the last accept
	unserved int            // tick since which no acceptor is heard that settled through first − 1; 0: one is
}

// flying is a run in flight.
type flying struct {
	run  Run
	size int
	sent int // tick
	wait int // ticks until it is sent again
}

// newLeadership begins phase 2, having recovered backlog. Of its values, those above learned are
// yet to be learned by who leads.
func newLeadership(c *candidacy, backlog Run, learned Slot, m Membership, limits Limits, now int) *leadership {
	l := &leadership{
		ballot: c.ballot, limits: limits, first: c.settled() + 1, next: c.settled() + 1,
		chosen: c.settled(), told: c.settled(), tally: newTally(m), backlog: backlog, placed: map[ID]bool{},
		heard: map[string]int{}, spoke: now,
	}
	for _, value := range backlog.From(learned + 1).Values {
		if value.ID.Kind == IDClient {
			l.placed[value.ID] = true
		}
	}
	for acceptor := range c.promises {
		l.heard[acceptor] = now
	}
	return l
}

// hasQuorum reports whether a quorum of acceptors answered in this ballot at tick since or later.
func (l *leadership) hasQuorum(since int) bool {
	count := 0
	for _, heard := range l.heard {
		if heard >= since {
			count++
		}
	}
	return count >= l.tally.quorum
}

// onAccepted counts a vote, and returns the runs that are chosen by it, in order.
func (l *leadership) onAccepted(acceptor string, m *Accepted, now int) []Run {
	l.heard[acceptor] = now
	l.tally.add(acceptor, m.Span)
	chosen := min(l.tally.chosenFrom(l.chosen+1), l.next-1)
	if chosen <= l.chosen {
		return nil
	}
	l.chosen = chosen
	l.tally.forget(chosen)
	return l.land()
}

// land takes the runs, and parts of runs, that are chosen out of flight.
func (l *leadership) land() []Run {
	var landed []Run
	for len(l.flight) > 0 && l.flight[0].run.First <= l.chosen {
		f := &l.flight[0]
		landed = append(landed, f.run.Through(l.chosen))
		rest := f.run.From(l.chosen + 1)
		l.bytes -= f.size
		l.pace.landed += f.size
		if rest.IsEmpty() {
			l.flight[0] = flying{}
			l.flight = l.flight[1:]
			continue
		}
		f.run, f.size = rest, rest.Size()
		l.bytes += f.size
		l.pace.landed -= f.size
	}
	return landed
}

// launch returns the next run to propose, if the flight has room for it: what was recovered before
// what was queued, and of that as much as fits a run.
func (l *leadership) launch(now, wait int) (Run, bool) {
	if len(l.flight) >= l.limits.Runs || l.bytes >= min(l.limits.Flight, l.limits.Tail/4) {
		return Run{}, false
	}
	if l.isGathering(now) {
		return Run{}, false
	}
	run := l.backlog.Fitting(l.limits.Run, true)
	if !run.IsEmpty() {
		l.backlog = l.backlog.From(run.Last() + 1)
	} else {
		run = l.takeQueued()
	}
	if run.IsEmpty() {
		return Run{}, false
	}
	size := run.Size()
	l.flight = append(l.flight, flying{run: run, size: size, sent: now, wait: wait})
	l.bytes += size
	l.next = run.Last() + 1
	return run, true
}

// isGathering reports whether what is queued waits for more. While a run is under way, the next one
// gathers, so that runs grow with the load: each costs everybody the same, whatever it carries. But it
// waits a tick at most, so that where votes take long many runs are in flight.
func (l *leadership) isGathering(now int) bool {
	n := len(l.flight)
	return n > 0 && l.flight[n-1].sent == now && l.backlog.IsEmpty() && l.queue.bytes < l.limits.Gather
}

// queue is holdings that wait for their slots, in order.
type queue struct {
	first, last *holding
	bytes       int // of their values, those that left meanwhile aside
}

func (q *queue) add(h *holding) {
	h.isQueued, h.weight = true, h.size
	q.bytes += h.weight
	if q.last != nil {
		q.last.queued = h
	} else {
		q.first = h
	}
	q.last = h
}

// take takes the first out of the queue, and returns it where it is still held and not chosen: it may have
// been paired, while it waited, with values that were recovered.
func (q *queue) take() *holding {
	h := q.first
	q.first, h.queued, h.isQueued = h.queued, nil, false
	if q.first == nil {
		q.last = nil
	}
	q.bytes -= h.weight
	if h.isGone || h.slot != 0 {
		return nil
	}
	return h
}

// fitting returns how many values the first of the queue have that fit so many bytes together, of the first
// alone where it does not.
func (q *queue) fitting(bytes int) int {
	count := 0
	for h := q.first; h != nil; h = h.queued {
		if bytes -= h.size; bytes < 0 && count > 0 {
			break
		}
		count += len(h.values)
	}
	return count
}

// takeQueued makes a run of the proposals at the head of the queue.
func (l *leadership) takeQueued() Run {
	run := Run{First: l.next}
	count := l.queue.fitting(l.limits.Run)
	if count > 0 {
		run.Values = make([]Value, 0, count)
	}
	for l.queue.first != nil && len(run.Values)+len(l.queue.first.values) <= count {
		if h := l.queue.take(); h != nil {
			h.isSent = true
			run.Values = append(run.Values, h.values...)
		}
	}
	return run
}

// overdue returns the runs to be sent again: those that wait for a quorum of votes in this ballot
// for longer than their wait, which doubles.
func (l *leadership) overdue(now, most int) []Run {
	var again []Run
	for i := range l.flight {
		f := &l.flight[i]
		if now-f.sent < f.wait || l.tally.hasChosen(f.run.Span()) {
			continue
		}
		f.sent, f.wait = now, min(2*f.wait, most)
		again = append(again, f.run)
	}
	return again
}

// values is how many values are in flight.
func (l *leadership) values() int { return int(l.next - 1 - l.chosen) }
