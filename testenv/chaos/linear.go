package chaos

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// What porcupine is asked is whether the clients' operations can be put in one order that respects time
// (what ended before another began comes first) and that a log allows: its state is how many slots it has.
//
// The log in the end tells the slot of each operation, which makes it cheap: an append to slot s is
// possible in state s-1 alone. An append whose outcome its client does not know, and a no-op, may happen
// at any time later: they never end. One that is not in the log in the end never happened, and is left
// out: the reading of that log is an operation too, the last one.

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
	add := func(kind kindOfOperation, slot uint64, call, end int64) {
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
		if slot.IsNoop {
			add(appends, uint64(i)+1, 0, never)
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

// windowsOf cuts operations, in the order of their slots, into windows of so many slots, such that the
// whole is linearizable if and only if each window is.
//
// The appends and fresh reads have one order, that of their slots; it respects time if and only if none
// was called after a later one in that order returned. So all that a window needs to know of what comes
// before it is the latest call there, and of what comes after it the earliest return there. It gets both
// as an operation: one that takes the log from nothing to the window's first slot, called at that latest
// call, and one that takes it beyond the window's last slot, and returns at that earliest return.
func windowsOf(all []porcupine.Operation, slots uint64) [][]porcupine.Operation {
	var windows [][]porcupine.Operation
	for len(all) > 0 {
		number := slotOf(all[0]) / slots
		end := slices.IndexFunc(all, func(o porcupine.Operation) bool { return slotOf(o)/slots != number })
		if end < 0 {
			end = len(all)
		}
		windows = append(windows, all[:end])
		all = all[end:]
	}
	before, after := latestCalls(windows), earliestReturns(windows)
	for i, window := range windows {
		first := uint64(0)
		if number := slotOf(window[0]) / slots; number > 0 {
			first = number*slots - 1
		}
		last := (slotOf(window[0])/slots+1)*slots - 1
		window = slices.Clone(window)
		if first > 0 {
			window = append(window, skip(0, first, before[i], never))
		}
		if i+1 < len(windows) {
			window = append(window, skip(last, last+1, 0, after[i]))
		}
		windows[i] = window
	}
	return windows
}

func skip(from, to uint64, call, end int64) porcupine.Operation {
	return porcupine.Operation{Input: operation{kind: skips, from: from, slot: to}, Call: call, Return: end}
}

// latestCalls is, for each window, the latest call of an operation with a place before it. A slot that
// was asked for several times under one id may have been taken by the first.
func latestCalls(windows [][]porcupine.Operation) []int64 {
	latest, calls := int64(0), make([]int64, len(windows))
	for i, window := range windows {
		calls[i] = latest
		first := make(map[uint64]int64)
		for _, o := range window {
			slot := slotOf(o)
			switch o.Input.(operation).kind {
			case readsFresh:
				latest = max(latest, o.Call)
			case appends, repeats:
				if call, ok := first[slot]; !ok || o.Call < call {
					first[slot] = o.Call
				}
			}
		}
		for _, call := range first {
			latest = max(latest, call)
		}
	}
	return calls
}

// earliestReturns is, for each window, the earliest return of an operation with a place after it.
func earliestReturns(windows [][]porcupine.Operation) []int64 {
	earliest, returns := int64(never), make([]int64, len(windows))
	for i, window := range slices.Backward(windows) {
		returns[i] = earliest
		for _, o := range window {
			if o.Input.(operation).kind != reads {
				earliest = min(earliest, o.Return)
			}
		}
	}
	return returns
}

// checkLinear returns which windows of a history no order explains. A window that porcupine cannot decide
// in its time is told as a fault too: it never happens to a history that is right.
func checkLinear(requests []Request, reading []Read, log []Slot) (faults []string) {
	const slots, patience = 1000, 30 * time.Second
	for _, window := range windowsOf(operationsOf(requests, reading, log), slots) {
		if result := porcupine.CheckOperationsTimeout(model, window, patience); result != porcupine.Ok {
			faults = append(faults, fmt.Sprintf("slots %d to %d are not linearizable: %s",
				slotOf(window[0]), slotOf(window[0])/slots*slots+slots-1, result))
		}
	}
	return faults
}
