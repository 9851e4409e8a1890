package chaos

import (
	"slices"

	"github.com/anishathalye/porcupine"
)

// windowsOf cuts operations, in the order of their slots, into windows of so many slots, such that
// the whole is linearizable if and only if each window is.
//
// The places are one order; it respects time if and only if none was called after a later one in that
// order returned. So all that a window needs to know of what comes before it is the latest call
// there, and of what comes after it the earliest return there. It gets both as an operation: one that
// takes all places before the window, called at that latest call, and one that takes the place
// behind it, and returns at that earliest return.
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
		first, last := placesOf(window)
		window = slices.Clone(window)
		if i > 0 {
			window = append(window, skip(0, first-1, before[i], never))
		}
		if i+1 < len(windows) {
			window = append(window, skip(last, last+1, 0, after[i]))
		}
		windows[i] = window
	}
	return windows
}

// placesOf are the first and the last place that operations of a window take.
func placesOf(window []porcupine.Operation) (first, last uint64) {
	for _, o := range window {
		if input := o.Input.(operation); input.kind != reads && input.kind != contradicts {
			last = max(last, input.place)
			if first == 0 {
				first = input.place
			}
		}
	}
	return first, last
}

func skip(from, to uint64, call, end int64) porcupine.Operation {
	return porcupine.Operation{
		Input: operation{kind: skips, from: from, place: to}, Call: call, Return: end,
	}
}

// latestCalls is, for each window, the latest call of an operation with a place before it. A slot
// that was asked for several times under one id may have been taken by the first.
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
