package chaos

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
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

// check checks all that must hold when clients have ended. What does not hold it tells fault; its error
// says what could not be found out.
func (r *runner) check(e *ending) error {
	if err := r.readLog(e); err != nil {
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
	for _, fault := range slices.Concat(checkHistory(h.requests, h.reads, e.log),
		checkLinear(h.requests, h.reads, e.log)) {
		r.fault("%s", fault)
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

// logFile is where the log in the end is printed to.
func (r *runner) logFile() string { return r.path("log.json") }

// readLog prints the whole log with the command that promises its end, and reads it.
func (r *runner) readLog(e *ending) error {
	out, err := os.Create(r.logFile())
	if err != nil {
		return err
	}
	defer out.Close()
	var talk strings.Builder
	command := exec.Command(r.Synod, "log", "--timeout", "30s", "-s", strings.Join(r.cluster.urls, ","))
	command.Stdout, command.Stderr = out, &talk
	if err := command.Run(); err != nil {
		return fmt.Errorf("synod log: %w: %s", err, talk.String())
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	at, lines := int64(0), bufio.NewReader(out)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return err
		}
		if want := uint64(len(e.log)) + 1; l.Slot != want {
			r.fault("the log has slot %d where slot %d is due", l.Slot, want)
		}
		e.offsets = append(e.offsets, at)
		e.log = append(e.log, Slot{Key: keyOf(l.Value), IsNoop: l.Noop, Sum: sumOf(l.Value, l.Noop)})
		at += int64(len(text))
	}
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
	for deadline := began.Add(patience); len(late) > 0; time.Sleep(50 * time.Millisecond) {
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

// checkPrinted checks that what a learner printed is the log byte for byte, from the slot it began at; the
// last start must have all of it. A start that was killed may have printed a part of a line.
func (r *runner) checkPrinted(p printed, e *ending, isLast bool) error {
	got, err := os.Open(p.file)
	if err != nil {
		return err
	}
	defer got.Close()
	want, err := os.Open(r.logFile())
	if err != nil {
		return err
	}
	defer want.Close()
	if p.from > uint64(len(e.offsets)) {
		if info, err := got.Stat(); err != nil || info.Size() > 0 {
			return errors.Join(err, fmt.Errorf("printed slots from %d on of a log that ends at %d", p.from, len(e.log)))
		}
		return nil
	}
	if _, err := want.Seek(e.offsets[p.from-1], io.SeekStart); err != nil {
		return err
	}
	gotten, wanted := bufio.NewReader(got), bufio.NewReader(want)
	for slot := p.from; ; slot++ {
		printed, err := gotten.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(printed) == 0 && isLast && slot <= uint64(len(e.log)) {
			return fmt.Errorf("ended before slot %d of %d", slot, len(e.log))
		}
		if len(printed) == 0 {
			return nil
		}
		line, wantErr := wanted.ReadBytes('\n')
		if wantErr != nil || (err == nil && !bytes.Equal(printed, line)) || !bytes.HasPrefix(line, printed) {
			return fmt.Errorf("printed %.200q where the log has %.200q", printed, line)
		}
	}
}

// lastPrinted is the last slot whose whole line was printed.
func lastPrinted(p printed) (uint64, error) {
	file, err := os.Open(p.file)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	slot := p.from - 1
	for lines := bufio.NewReader(file); ; slot++ {
		if _, err := lines.ReadBytes('\n'); err != nil {
			return slot, nil
		}
	}
}

// checkStore checks that an acceptor's store is sound, as `synod store check` finds it, and that what it
// has settled is the log.
func (r *runner) checkStore(id string, e *ending) error {
	dir := r.cluster.store(id)
	if said, err := exec.Command(r.Synod, "store", "check", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("synod store check: %w: %s", err, said)
	}
	found, err := store.Inspect(dir)
	if err != nil {
		return err
	}
	opened, err := store.Open(dir, store.Options{Log: "main", Acceptor: id}, func(paxos.Record) {})
	if err != nil {
		return err
	}
	defer opened.Close()
	for next := paxos.Slot(1); next <= found.Settled; {
		run, err := opened.Read(next, found.Settled, 1<<20, false)
		if err != nil {
			return err
		}
		for i, value := range run.Values {
			slot := uint64(run.First) + uint64(i)
			sum := sumOf(string(value.Data), value.Kind == paxos.KindNoop)
			if slot > uint64(len(e.log)) || e.log[slot-1].Sum != sum {
				return fmt.Errorf("%s has settled in slot %d what the log does not hold there", id, slot)
			}
		}
		next = run.Last() + 1
	}
	return nil
}
