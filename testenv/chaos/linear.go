package chaos

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// What porcupine is asked is whether the clients' operations can be put in one order that respects
// time (what ended before another began comes first) and that the log in the end allows.
//
// That log tells each append's slot, so that most of the order is known: appends come as their slots
// do, and a read that promises the end comes behind the append that it read last and before the next.
// Each of these has a place in that order, and the model's state is how many places are taken. That
// leaves porcupine nothing to guess, which else takes it time beyond measure where many operations
// wait for each other: it puts each operation where it can go first.
//
// Reads that end at one slot and promise the end are put in the order in which they were called,
// which never disrespects time where another order does not. An append whose outcome its client does
// not know, and a no-op, may happen at any time later: they never end. One that is not in the log in
// the end never happened, and is left out: the reading of that log is an operation too, the last one.

// operation is an input of the model.
type operation struct {
	kind  kindOfOperation
	slot  uint64 // appended to, or the last one read
	place uint64 // that it takes, from 1 on; of a read that may lag, and of a repeat, the append's
	from  uint64 // of a skip: the state in which it is possible
}

type kindOfOperation int

const (
	appends     kindOfOperation = iota
	repeats                     // appends, or finds its slot taken by its like: the id is known
	reads                       // sees nothing that is not there yet, and perhaps not all
	readsFresh                  // sees exactly what is there
	skips                       // stands for all operations of other windows, see windowsOf
	contradicts                 // what its client was told is not what the log holds in the end
)

func (o operation) String() string {
	names := [...]string{"append", "append with an id", "read", "read to the end", "other windows",
		"contradiction"}
	return fmt.Sprintf("%s: slot %d", names[o.kind], o.slot)
}

var model = porcupine.Model{
	Init: func() any { return uint64(0) },
	Step: func(state, input, _ any) (bool, any) {
		taken, o := state.(uint64), input.(operation)
		switch o.kind {
		case skips:
			return taken == o.from, o.place
		case reads:
			return taken >= o.place, taken
		case contradicts:
			return false, taken
		case repeats:
			return taken+1 >= o.place, max(taken, o.place)
		}
		return taken+1 == o.place, o.place
	},
	Hash:              func(state any) uint64 { return state.(uint64) },
	DescribeOperation: func(input, _ any) string { return input.(operation).String() },
}

const never = math.MaxInt64

// operationsOf are the operations of a history, in the order of their slots.
func operationsOf(requests []Request, reading []Read, log []Slot) []porcupine.Operation {
	c := newChecker(requests, nil, log)
	var all []porcupine.Operation
	explained := make([]bool, len(log)+1) // by slot: some request or nobody can have filled it
	add := func(kind kindOfOperation, slot uint64, call, end int64) {
		if kind == appends || kind == repeats {
			explained[slot] = true
		}
		all = append(all, porcupine.Operation{
			Input: operation{kind: kind, slot: slot}, Call: call, Return: end,
		})
	}
	for _, r := range requests {
		kind, stands := appends, c.stands[r.Key]
		if r.HasID {
			kind = repeats
		}
		if r.Slot != 0 && !slices.Contains(stands, r.Slot) {
			add(contradicts, r.Slot, int64(r.Sent), int64(r.Answered))
		}
		for _, slot := range stands {
			switch {
			case r.Slot == slot:
				add(kind, slot, int64(r.Sent), int64(r.Answered))
			case r.Slot == 0 || !r.HasID: // the client was told another slot, or nothing
				add(kind, slot, int64(r.Sent), never)
			}
		}
	}
	for i, slot := range log {
		switch {
		case slot.IsNoop:
			add(appends, uint64(i)+1, 0, never)
		case !explained[i+1]:
			add(contradicts, uint64(i)+1, 0, never)
		}
	}
	for _, r := range reading {
		kind := reads
		switch {
		case !c.holds(r):
			kind = contradicts
		case r.IsFresh:
			kind = readsFresh
		}
		add(kind, r.Last(), int64(r.Sent), int64(r.Ended))
	}
	place(all)
	return all
}

// place sorts operations by their slots, appends before reads, and gives each its place.
func place(all []porcupine.Operation) {
	slices.SortStableFunc(all, func(x, y porcupine.Operation) int {
		a, b := x.Input.(operation), y.Input.(operation)
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(max(a.kind, repeats), max(b.kind, repeats)),
			cmp.Compare(x.Call, y.Call))
	})
	taken, appended := uint64(0), uint64(0) // places, and the slot that has one
	for i := range all {
		o := all[i].Input.(operation)
		isNew := o.kind == readsFresh || o.kind <= repeats && o.slot != appended
		if isNew {
			taken++
		}
		if o.kind <= repeats {
			appended = o.slot
		}
		o.place = taken
		all[i].Input = o
	}
}

func slotOf(o porcupine.Operation) uint64 { return o.Input.(operation).slot }

// nonlinear is a window that no order explains, or that porcupine could not decide in its time. The
// latter is taken for a fault too: it does not happen to a history that is right.
type nonlinear struct {
	first, last uint64 // slots
	result      porcupine.CheckResult
	window      []porcupine.Operation
}

func (n nonlinear) String() string {
	return fmt.Sprintf("slots %d to %d are not linearizable: porcupine says %s", n.first, n.last, n.result)
}

// draw writes a picture of the window for a browser.
func (n nonlinear) draw(file string) error {
	_, info := porcupine.CheckOperationsVerbose(model, n.window, decideWithin)
	return porcupine.VisualizePath(model, info, file)
}

// How many slots are checked at a time, and for how long at most.
const (
	windowSlots  = 1000
	decideWithin = 30 * time.Second
)

// checkLinear returns the windows of a history that are not linearizable.
func checkLinear(requests []Request, reading []Read, log []Slot) (found []nonlinear) {
	for _, window := range windowsOf(operationsOf(requests, reading, log), windowSlots) {
		result := porcupine.CheckOperationsTimeout(model, window, decideWithin)
		if result == porcupine.Ok {
			continue
		}
		first := slotOf(window[0]) / windowSlots * windowSlots
		found = append(found, nonlinear{first: first, last: first + windowSlots - 1, result: result,
			window: window})
	}
	return found
}
