package virtual

import (
	"fmt"
	"sync"

	"github.com/synod-log/synod/paxos"
)

// record is what one reader of the log was given, from a slot on.
type record struct {
	name string
	from paxos.Slot

	mutex  sync.Mutex
	values []string // "" for a no-op
	wrong  error
}

func (r *record) next() paxos.Slot { return r.from + paxos.Slot(len(r.values)) }

// deliver takes a run. One that is not what comes next is an error, and ends the learner.
func (r *record) deliver(run paxos.Run) error {
	for i := range run.Values {
		value := &run.Values[i]
		text := ""
		if value.Kind == paxos.KindValue {
			text = string(value.Data)
		}
		if err := r.take(run.First+paxos.Slot(i), text); err != nil {
			return err
		}
	}
	return nil
}

func (r *record) take(slot paxos.Slot, text string) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if slot != r.next() {
		r.wrong = fmt.Errorf("%s was given slot %d where slot %d was next", r.name, slot, r.next())
		return r.wrong
	}
	r.values = append(r.values, text)
	return nil
}

// last is the last slot that it was given.
func (r *record) last() paxos.Slot {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.next() - 1
}

// compare returns what is wrong with a record, beside the log that begins with slot 1.
func (r *record) compare(log []string) []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var wrong []string
	if r.wrong != nil {
		wrong = append(wrong, r.wrong.Error())
	}
	for i, value := range r.values {
		slot := r.from + paxos.Slot(i)
		if int(slot) > len(log) {
			return append(wrong, fmt.Sprintf("%s was given slot %d of a log of %d", r.name, slot, len(log)))
		}
		if want := log[slot-1]; value != want {
			return append(wrong, fmt.Sprintf("%s was given %q in slot %d, another reader %q", r.name, value, slot, want))
		}
	}
	return wrong
}
