package chaos

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Request is one proposal that a client sent and waited for. Times are since the run began.
type Request struct {
	Client    string        `json:"client"`
	Key       string        `json:"key"` // see valueOf; requests with one key propose one value
	HasID     bool          `json:"has_id,omitempty"`
	IsOnce    bool          `json:"is_once,omitempty"` // in one message, not repeated on its way
	Sent      time.Duration `json:"sent"`
	Answered  time.Duration `json:"answered"`
	Slot      uint64        `json:"slot,omitempty"` // 0: not acknowledged
	Duplicate bool          `json:"duplicate,omitempty"`
	Refused   bool          `json:"refused,omitempty"` // for good: it must never be chosen
	Err       string        `json:"err,omitempty"`     // why it was not acknowledged
}

func (r Request) String() string {
	outcome := "not acknowledged: " + r.Err
	if r.Slot != 0 {
		outcome = fmt.Sprintf("slot %d", r.Slot)
	}
	return fmt.Sprintf("%s of %s (sent at %v, answered at %v, %s)", r.Key, r.Client,
		r.Sent.Round(time.Millisecond), r.Answered.Round(time.Millisecond), outcome)
}

// Read is slots that a reader was given, one after another from First on.
type Read struct {
	Client string        `json:"client"`
	First  uint64        `json:"first"`
	Sums   []uint64      `json:"sums"` // sumOf each value
	Sent   time.Duration `json:"sent"`
	Ended  time.Duration `json:"ended"`
	// IsFresh: the reader promises the log's end, so that all that was acknowledged before it began is in
	// it. Other readers may lag, as a learner may.
	IsFresh bool `json:"is_fresh,omitempty"`
}

// Last is the highest slot read; First less 1 where nothing was.
func (r Read) Last() uint64 { return r.First + uint64(len(r.Sums)) - 1 }

// History is all that clients asked and were told. Its methods may be called from any goroutine.
type History struct {
	began time.Time

	mutex    sync.Mutex
	requests []Request
	reads    []Read
	acks     []time.Duration // when something was acknowledged, ascending
	highest  uint64          // slot acknowledged
}

// now is the time since the run began.
func (h *History) now() time.Duration { return time.Since(h.began) }

func (h *History) addRequest(r Request) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.requests = append(h.requests, r)
	if r.Slot != 0 {
		h.acks = append(h.acks, time.Since(h.began)) // the mutex keeps them ascending
		h.highest = max(h.highest, r.Slot)
	}
}

func (h *History) addRead(r Read) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.reads = append(h.reads, r)
}

// acknowledged is how many requests were so far, and the highest slot among their answers.
func (h *History) acknowledged() (count int, highest uint64) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return len(h.acks), h.highest
}

// longestPause is the longest time within a span of the run in which nothing was acknowledged.
func (h *History) longestPause(from, to time.Duration) time.Duration {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	longest, last := time.Duration(0), from
	for _, ack := range h.acks {
		if ack > from && ack < to {
			longest, last = max(longest, ack-last), ack
		}
	}
	return max(longest, to-last)
}

// valueOf is the value that a key stands for: the key, and for one that ends with ~n as many bytes
// more.
func valueOf(key string) string {
	if _, size, ok := strings.Cut(key, "~"); ok {
		n, err := strconv.Atoi(size)
		if err == nil && n > 0 {
			return key + " " + strings.Repeat("x", n)
		}
	}
	return key
}

// keyOf is the key that a value of the log was made from; the value itself where no key makes it.
func keyOf(value string) string {
	key, _, _ := strings.Cut(value, " ")
	if valueOf(key) != value {
		return value
	}
	return key
}

// sumOf stands for a slot's value where many are kept; a no-op has a sum of its own.
func sumOf(value string, isNoop bool) uint64 {
	if isNoop {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(value)) // never fails
	return h.Sum64() | 1
}
