package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// ending is what is found at the end of a run.
type ending struct {
	resumed time.Duration // from the healing until something was acknowledged
	level   time.Duration // from there until every worker had the whole log
	log     []Slot
	offsets []int64 // where each slot's line begins in the log as it was printed
}

// healAndProgress heals everything and waits until the log goes on.
func (r *runner) healAndProgress() (e ending, err error) {
	r.cluster.heal()
	if err := r.cluster.startAll(); err != nil {
		return e, err
	}
	if e.resumed, err = r.awaitProgress(); err != nil {
		return e, fmt.Errorf("after all was healed, %w", err)
	}
	return e, nil
}

// check checks all that must hold when clients have ended. What does not hold it tells fault; its
// error says what could not be found out.
func (r *runner) check(e *ending) error {
	err := r.printLog()
	if err == nil {
		e.log, e.offsets, err = readLog(r.logFile())
	}
	if err != nil {
		return err
	}
	if err := r.awaitLevel(e); err != nil {
		r.fault("after all was healed, %v", err)
	}
	for _, id := range slices.Concat(learnerIDs, proposerIDs, acceptorIDs, brokerIDs) {
		if err := r.cluster.members[id].stop(); err != nil {
			r.fault("%v", err)
		}
	}
	h := r.history
	for _, fault := range checkHistory(h.requests, h.reads, e.log) {
		r.fault("%s", fault)
	}
	for _, found := range checkLinear(h.requests, h.reads, e.log) {
		picture := r.path(fmt.Sprintf("slots-%d.html", found.first))
		r.fault("%v; %s shows it (%v)", found, picture, found.draw(picture))
	}
	for _, id := range learnerIDs {
		for i, p := range r.cluster.members[id].printed {
			isLast := i+1 == len(r.cluster.members[id].printed)
			if err := r.checkPrinted(p, e, isLast); err != nil {
				r.fault("%s: %v", p.file, err)
			}
		}
	}
	for _, id := range acceptorIDs {
		if err := r.checkStore(id, e); err != nil {
			r.fault("%v", err)
		}
	}
	return nil
}

// awaitLevel waits until every acceptor has settled, and every learner printed, the whole log.
func (r *runner) awaitLevel(e *ending) error {
	began, end := time.Now(), paxos.Slot(len(e.log))
	behind := func(id string) bool {
		if id[0] == 'a' {
			var report worker.AcceptorReport
			return r.cluster.ask(id, &report) != nil || report.Settled < end
		}
		var report worker.LearnerReport
		return r.cluster.ask(id, &report) != nil || report.Delivered < end
	}
	late := slices.Concat(acceptorIDs, learnerIDs)
	for deadline := began.Add(patience); len(late) > 0; time.Sleep(poll) {
		if late = slices.DeleteFunc(late, func(id string) bool { return !behind(id) }); len(late) == 0 {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%v have not got the whole log, %d slots, within %v", late, end, patience)
		}
	}
	e.level = time.Since(began)
	return nil
}
