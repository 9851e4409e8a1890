package chaos

import (
	"fmt"
	"slices"
)

// Slot is what one slot of the log holds in the end. The log is slots from 1 on, without a hole.
type Slot struct {
	Key    string // what the value was made from; "" where IsNoop
	IsNoop bool
	Sum    uint64
}

// checker holds what the checks of a history against the log in the end share.
type checker struct {
	requests []Request
	reads    []Read
	log      []Slot
	stands   map[string][]uint64 // slots of each key
	proposed map[string][]int    // requests of each key
	faults   []string
}

func newChecker(requests []Request, reads []Read, log []Slot) *checker {
	c := &checker{requests: requests, reads: reads, log: log,
		stands: make(map[string][]uint64), proposed: make(map[string][]int)}
	for i, slot := range log {
		if !slot.IsNoop {
			c.stands[slot.Key] = append(c.stands[slot.Key], uint64(i)+1)
		}
	}
	for i, r := range requests {
		c.proposed[r.Key] = append(c.proposed[r.Key], i)
	}
	return c
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// checkHistory returns what is wrong with what clients were told, given the log in the end, as far
// as it can be said of one request, value or read alone. The order of things in time is
// checkLinear's.
func checkHistory(requests []Request, reads []Read, log []Slot) []string {
	c := newChecker(requests, reads, log)
	for _, r := range requests {
		c.checkAnswer(r)
	}
	for key, at := range c.proposed {
		c.checkValue(key, at)
	}
	for key, stands := range c.stands {
		if len(c.proposed[key]) == 0 {
			c.fault("nobody proposed %.80q, in slots %v", key, stands)
		}
	}
	for _, r := range reads {
		c.checkRead(r)
	}
	return c.faults
}

// checkAnswer checks that what was acknowledged stands where it was said to, and that what was
// refused for good stands nowhere.
func (c *checker) checkAnswer(r Request) {
	stands := c.stands[r.Key]
	switch {
	case r.Slot != 0 && !slices.Contains(stands, r.Slot):
		c.fault("acknowledged and not where it was said to be: %v stands in %v", r, stands)
	case r.Refused && len(stands) > 0:
		c.fault("refused and chosen: %v stands in %v", r, stands)
	case r.Duplicate && r.IsOnce && len(c.proposed[r.Key]) == 1:
		c.fault("called a duplicate, and was sent once: %v", r)
	}
}

// checkValue checks that a value with an id was chosen once. One without may be chosen as often as
// its messages were delivered.
func (c *checker) checkValue(key string, at []int) {
	if r := c.requests[at[0]]; r.HasID && len(c.stands[key]) > 1 {
		c.fault("chosen twice under one id: %v stands in %v", r, c.stands[key])
	}
}

// checkRead checks that a reader was given what the slots hold.
func (c *checker) checkRead(r Read) {
	if !c.holds(r) {
		c.fault("%s read in slots %d to %d, until %v, what the log does not hold there", r.Client,
			r.First, r.Last(), r.Ended)
	}
}

// holds reports whether the log has what was read where it was read.
func (c *checker) holds(r Read) bool {
	if r.Last() > uint64(len(c.log)) {
		return false
	}
	for i, sum := range r.Sums {
		if c.log[r.First-1+uint64(i)].Sum != sum {
			return false
		}
	}
	return true
}
