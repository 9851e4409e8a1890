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
// time (what ended before another began comes first) and that a log allows: its state is how many
// slots it has.
//
// The log in the end tells the slot of each operation, which makes it cheap: an append to slot s is
// possible in state s-1 alone. An append whose outcome its client does not know, and a no-op, may
// happen at any time later: they never end. One that is not in the log in the end never happened,
// and is left out: the reading of that log is an operation too, the last one.

// operation is an input of the model.
type operation struct {
	kind kindOfOperation
	slot uint64 // appended to, or the last one read
	from uint64 // of a skip: the state in which it is possible
}

type kindOfOperation int

const (
	appends     kindOfOperation = iota
	repeats                     // appends, or finds the slot taken by its own earlier self: the id is known
	reads                       // sees at least nothing that is not there yet
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
		length, o := state.(uint64), input.(operation)
		switch o.kind {
		case skips:
			return length == o.from, o.slot
		case reads:
			return length >= o.slot, length
		case readsFresh:
			return length == o.slot, length
		case contradicts:
			return false, length
		case repeats:
			return length >= o.slot-1, max(length, o.slot)
		}
		return length == o.slot-1, o.slot
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
	slices.SortStableFunc(all, func(a, b porcupine.Operation) int {
		return cmp.Compare(slotOf(a), slotOf(b))
	})
	return all
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
