package chaos

import (
	"slices"

	"github.com/anishathalye/porcupine"
)

// windowsOf cuts operations, in the order of their slots, into windows of so many slots, such that
// the whole is linearizable if and only if each window is.
//
// The appends and fresh reads have one order, that of their slots; it respects time if and only if
// none was called after a later one in that order returned. So all that a window needs to know of
// what comes before it is the latest call there, and of what comes after it the earliest return
// there. It gets both as an operation: one that takes the log from nothing to the window's first
// slot, called at that latest call, and one that takes it beyond the window's last slot, and
// returns at that earliest return.
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
