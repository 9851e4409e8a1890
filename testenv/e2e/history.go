// Package e2e tests Synod from outside: real processes over TCP, killed, paused and restarted under
// load, and a check of all that clients were told against what the log then holds.
package e2e

import (
	"fmt"
	"time"
)

// Request is one proposal of a client, and what became of it. Times are since the load began.
type Request struct {
	Value     string // no two requests have the same
	HasID     bool   // sent with a Nats-Msg-Id: the value
	Sent      time.Duration
	Answered  time.Duration
	Slot      uint64 // 0: not acknowledged
	Duplicate bool
	Err       string // why it was not acknowledged
}

func (r Request) String() string {
	outcome := "not acknowledged: " + r.Err
	if r.Slot != 0 {
		outcome = fmt.Sprintf("slot %d", r.Slot)
	}
	return fmt.Sprintf("%s (sent at %v, answered at %v, %s)", r.Value,
		r.Sent.Round(time.Millisecond), r.Answered.Round(time.Millisecond), outcome)
}

// History is the requests of a load.
type History []Request

// Acknowledged is how many requests were answered with a slot.
func (h History) Acknowledged() int {
	count := 0
	for _, r := range h {
		if r.Slot != 0 {
			count++
		}
	}
	return count
}

// Failed are the requests that were not acknowledged.
func (h History) Failed() History {
	var failed History
	for _, r := range h {
		if r.Slot == 0 {
			failed = append(failed, r)
		}
	}
	return failed
}

// LongestWait is the longest that an acknowledged request waited for its answer.
func (h History) LongestWait() time.Duration {
	var longest time.Duration
	for _, r := range h {
		if r.Slot != 0 {
			longest = max(longest, r.Answered-r.Sent)
		}
	}
	return longest
}
