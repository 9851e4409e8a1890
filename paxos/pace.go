package paxos

const (
	// paceMemory is over how many ticks the pace is a mean, which forgets what was before.
	paceMemory = 32
	// leastMeasured is how many ticks must be measured before the pace says anything: a disk may have more
	// chosen in one tick than in the next five.
	leastMeasured = 8
	// longestWait is the longest wait in ticks that is told apart from longer ones.
	longestWait = 6000
	// leastQueued is how many runs may always wait, so that who proposes little is not refused while a
	// leader stalls, and that there is something to measure the pace by when it is over.
	leastQueued = 4

	// leastRetry and mostRetry bound, in ticks, when those who are refused are told to come back: sooner is
	// in vain, and what takes longer is mostly a stall that may end at any moment.
	leastRetry = 5
	mostRetry  = 200
)

// pace is how fast a leader has proposals chosen, in bytes. It is measured only while proposals wait that the
// flight has no room for: else it would tell what clients propose, and not what the log can take. Each time
// that none do, it is measured anew.
type pace struct {
	isBusy  bool // proposals waited at the last tick
	missed  int  // ticks that passed since, and were not given
	ticks   int  // measured, up to paceMemory
	landed  int  // bytes chosen since the last tick
	perTick int  // bytes chosen in a tick, lately
}

// tick ends a tick, in which proposals waited if isBusy at its end and at the one's before.
func (p *pace) tick(isBusy bool) {
	if !isBusy || !p.isBusy {
		*p = pace{isBusy: isBusy}
		return
	}
	passed := min(1+p.missed, paceMemory)
	p.ticks = min(p.ticks+passed, paceMemory)
	p.perTick += (p.landed/(1+p.missed) - p.perTick) * passed / p.ticks
	p.landed, p.missed = 0, 0
}

// Missed tells the proposer that as many ticks passed that it was not given, since its driver was kept from it. A
// process that has little of a processor is given few ticks, and what it expects people to wait must be true all the same.
// They count for nothing else: nobody is taken to be silent for them.
func (p *Proposer) Missed(ticks int) {
	if l := p.leadership; l != nil {
		l.pace.missed += ticks
	}
}

// wait is how many ticks it takes until so many bytes are chosen; 0 where that cannot be told.
func (p *pace) wait(bytes int) int {
	if p.ticks < leastMeasured {
		return 0
	}
	return min(bytes/max(p.perTick, 1), longestWait)
}

// isBusy reports whether proposals wait since the flight is full, and not only to gather.
func (l *leadership) isBusy() bool {
	return !l.backlog.IsEmpty() || l.queue.bytes > max(l.limits.Gather, 0)
}

// wait is how many ticks a proposal would wait to be chosen that came now: as long as those before it take, at
// the pace of late; 0 where that cannot be told.
func (l *leadership) wait() int { return l.pace.wait(l.queue.bytes + l.bytes) }

// hasRoom reports whether a proposal may be queued: whether it would wait for less than most ticks.
func (l *leadership) hasRoom(most int) bool {
	return l.queue.bytes < leastQueued*l.limits.Run || l.wait() < most
}

// retry is in how many ticks those who are refused may come back: when all that waits now is chosen, within
// bounds.
func (l *leadership) retry() int { return min(max(l.wait(), leastRetry), mostRetry) }
