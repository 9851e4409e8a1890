package e2e

import (
	"cmp"
	"fmt"
	"slices"
)

// Line is a slot as `synod log` and `synod learner --print` write it.
type Line struct {
	Slot  uint64 `json:"slot"`
	Noop  bool   `json:"noop"`
	Value string `json:"value"`
}

// Check returns what is wrong with a log that begins at slot 1, given all that clients sent and were
// told. Nothing may be wrong, whatever was killed.
func Check(history History, log []Line) []string {
	c := &checker{history: history, log: log, slots: make(map[string][]uint64)}
	c.readLog()
	c.checkAnswers()
	c.checkOrder()
	return c.faults
}

type checker struct {
	history History
	log     []Line
	slots   map[string][]uint64 // where each value stands
	faults  []string
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// readLog checks that the log has no hole, and notes where each value stands.
func (c *checker) readLog() {
	for i, line := range c.log {
		if want := uint64(i) + 1; line.Slot != want {
			c.fault("slot %d follows where slot %d is due", line.Slot, want)
		}
		if !line.Noop {
			c.slots[line.Value] = append(c.slots[line.Value], line.Slot)
		}
	}
}

// checkAnswers checks that each slot that was answered holds the value it was answered for, that no
// value with an id was chosen twice, and that nothing was chosen that nobody proposed.
func (c *checker) checkAnswers() {
	proposed := make(map[string]bool)
	for _, r := range c.history {
		proposed[r.Value] = true
		stands := c.slots[r.Value]
		if r.Slot != 0 && !slices.Contains(stands, r.Slot) {
			c.fault("acknowledged and not where it was said to be: %v stands in %v", r, stands)
		}
		if r.HasID && len(stands) > 1 {
			c.fault("chosen twice under one id: %v stands in %v", r, stands)
		}
		if r.Duplicate && r.Slot != 0 {
			c.fault("called a duplicate, and was sent once: %v", r)
		}
	}
	for value, stands := range c.slots {
		if !proposed[value] {
			c.fault("nobody proposed %q, in slots %v", value, stands)
		}
	}
}

// checkOrder checks that a value acknowledged before another was sent has the lower slot.
func (c *checker) checkOrder() {
	sent, answered := c.acknowledged(), c.acknowledged()
	slices.SortFunc(sent, func(a, b Request) int { return cmp.Compare(a.Sent, b.Sent) })
	slices.SortFunc(answered, func(a, b Request) int { return cmp.Compare(a.Answered, b.Answered) })
	var highest Request // of those answered so far
	for _, r := range sent {
		for len(answered) > 0 && answered[0].Answered < r.Sent {
			if answered[0].Slot > highest.Slot {
				highest = answered[0]
			}
			answered = answered[1:]
		}
		if r.Slot <= highest.Slot {
			c.fault("out of order: %v was acknowledged before %v was sent", highest, r)
		}
	}
}

func (c *checker) acknowledged() []Request {
	var kept []Request
	for _, r := range c.history {
		if r.Slot != 0 {
			kept = append(kept, r)
		}
	}
	return kept
}

// CheckLearner returns what is wrong with what a learner printed of a log: it must be the log's
// beginning, and have all of it up to a slot.
func CheckLearner(printed, log []Line, through uint64) []string {
	var faults []string
	if uint64(len(printed)) < through {
		faults = append(faults, fmt.Sprintf("printed %d slots of %d", len(printed), through))
	}
	for i, line := range printed[:min(len(printed), len(log))] {
		if line != log[i] {
			return append(faults, fmt.Sprintf("printed %+v where the log has %+v", line, log[i]))
		}
	}
	return faults
}
