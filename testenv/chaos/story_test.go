package chaos

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// story is a history and the log that it led to.
type story struct {
	requests []Request
	reads    []Read
	log      []Slot
}

// rightStory makes up a history that is right: n values, each chosen at some time between its
// sending and its answer, among no-ops, values whose outcome nobody knows, repeats, and reads of
// every sort.
func rightStory(random *rand.Rand, n int) story {
	var s story
	const step = time.Millisecond
	wide := func() time.Duration { return time.Duration(random.IntN(20)) * step }
	for i := range n {
		at := time.Duration(i+1)*step + 100*step // when it is chosen
		if random.IntN(20) == 0 {
			s.log = append(s.log, Slot{IsNoop: true})
			continue
		}
		r := Request{Client: "c", Key: fmt.Sprintf("c.%d", i), HasID: i%2 == 0,
			Sent: at - wide(), Answered: at + wide(), Slot: uint64(i) + 1}
		s.log = append(s.log, Slot{Key: r.Key, Sum: sumOf(valueOf(r.Key), false)})
		if random.IntN(10) == 0 {
			r.Slot, r.Err = 0, "timeout"
		}
		s.requests = append(s.requests, r)
		if r.HasID && random.IntN(10) == 0 {
			r.Sent, r.Answered, r.Slot, r.Duplicate = at+wide(), at+40*step, uint64(i)+1, true
			s.requests = append(s.requests, r)
		}
		if random.IntN(5) == 0 {
			s.reads = append(s.reads, s.read(random, at, wide))
		}
	}
	return s
}

// read reads some of the last slots at a time, to the end or short of it.
func (s *story) read(random *rand.Rand, at time.Duration, wide func() time.Duration) Read {
	last := len(s.log)
	first := max(1, last-random.IntN(30))
	r := Read{Client: "r", First: uint64(first), Sent: at - wide(), Ended: at + wide(), IsFresh: true}
	if random.IntN(2) == 0 {
		last -= random.IntN(last - first + 1)
		r.IsFresh = false
	}
	for _, slot := range s.log[first-1 : last] {
		r.Sums = append(r.Sums, slot.Sum)
	}
	return r
}

// faults are those that the direct checks find.
func (s story) faults() []string { return checkHistory(s.requests, s.reads, s.log) }

// nonlinear are the windows that porcupine finds wrong.
func (s story) nonlinear() []nonlinear { return checkLinear(s.requests, s.reads, s.log) }

// acknowledged is an acknowledged request without a repeat, the n-th.
func (s story) acknowledged(n int) *Request {
	count := make(map[string]int)
	for _, r := range s.requests {
		count[r.Key]++
	}
	for i := range s.requests {
		if r := &s.requests[i]; r.Slot != 0 && count[r.Key] == 1 {
			if n--; n < 0 {
				return r
			}
		}
	}
	panic("the story is too short")
}
