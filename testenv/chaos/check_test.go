package chaos

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestAHistoryThatIsRightPasses(t *testing.T) {
	for seed := range uint64(5) {
		s := rightStory(rand.New(rand.NewPCG(seed, 0)), 2500)
		if faults := s.faults(); len(faults) > 0 {
			t.Errorf("seed %d: %q", seed, faults)
		}
		if found := s.nonlinear(); len(found) > 0 {
			t.Errorf("seed %d: %v", seed, found)
		}
	}
}

// spoils are ways to spoil a right history, what the direct checks say of each (nothing, where they
// look at no order), and whether porcupine must find it.
var spoils = []struct {
	name     string
	spoil    func(*story)
	want     string
	isLinear bool
}{
	{"an acknowledged value is lost", func(s *story) {
		s.log[s.acknowledged(5).Slot-1] = Slot{IsNoop: true}
	}, "acknowledged and not where", false},
	{"the end of the log is lost", func(s *story) { s.log = s.log[:len(s.log)-50] },
		"acknowledged and not where", false},
	{"an id is chosen twice", func(s *story) {
		for _, r := range s.requests {
			if r.HasID && r.Slot != 0 {
				s.log = append(s.log, s.log[r.Slot-1])
				return
			}
		}
	}, "chosen twice", false},
	{"a value of nobody", func(s *story) { s.log = append(s.log, Slot{Key: "x", Sum: 7}) },
		"nobody proposed", false},
	{"a value refused and chosen", func(s *story) {
		r := s.acknowledged(3)
		r.Slot, r.Refused = 0, true
	}, "refused and chosen", true},
	{"a first proposal called a duplicate", func(s *story) {
		r := s.acknowledged(3)
		r.IsOnce, r.Duplicate = true, true
	}, "called a duplicate", true},
	{"a read of what is not there", func(s *story) { s.reads[7].Sums[0]++ },
		"the log does not hold", false},
	{"a read beyond the end", func(s *story) {
		last := &s.reads[len(s.reads)-1]
		last.First = uint64(len(s.log))
		last.Sums = []uint64{1, 2}
	}, "the log does not hold", false},
	{"two values swapped that were far apart in time", func(s *story) {
		s.swap(s.acknowledged(10), s.acknowledged(100))
	}, "", false},
	{"two values swapped that were windows apart", func(s *story) {
		s.swap(s.acknowledged(10), s.acknowledged(1500))
	}, "", false},
	{"a read to the end that lacks what was acknowledged", func(s *story) {
		for i := range s.reads {
			if r := &s.reads[i]; r.IsFresh && len(r.Sums) > 1 {
				r.Sums = r.Sums[:1]
				r.Sent += time.Second
				r.Ended += time.Second
				return
			}
		}
	}, "", false},
	{"a read of what was proposed only later", func(s *story) {
		for i := range s.reads {
			if r := &s.reads[i]; !r.IsFresh && r.Last() > 100 && !s.log[r.Last()-1].IsNoop {
				r.Sent, r.Ended = 0, time.Millisecond
				return
			}
		}
	}, "", false},
}

// swap swaps the slots of two requests, in what they were told and in the log.
func (s *story) swap(a, b *Request) {
	s.log[a.Slot-1], s.log[b.Slot-1] = s.log[b.Slot-1], s.log[a.Slot-1]
	a.Slot, b.Slot = b.Slot, a.Slot
	s.reads = nil // they would tell too
}

func TestEachFaultOfAHistoryIsFound(t *testing.T) {
	for _, test := range spoils {
		t.Run(test.name, func(t *testing.T) {
			s := rightStory(rand.New(rand.NewPCG(4, 0)), 2300)
			test.spoil(&s)
			faults := strings.Join(s.faults(), "\n")
			if test.want != "" && !strings.Contains(faults, test.want) {
				t.Errorf("found %q, want %q", faults, test.want)
			}
			if isLinear := len(s.nonlinear()) == 0; isLinear != test.isLinear {
				t.Errorf("linearizable: %v, want %v", isLinear, test.isLinear)
			}
		})
	}
}

func TestAValueWithoutAnIDMayBeChosenTwiceAndOneWithoutAnAnswerNever(t *testing.T) {
	s := story{requests: []Request{
		{Key: "a", Sent: 1, Answered: 2, Slot: 1},
		{Key: "b", HasID: true, Sent: 3, Answered: 4, Err: "timeout"},
	}, log: []Slot{{Key: "a"}, {Key: "a"}}}
	if faults := s.faults(); len(faults) > 0 {
		t.Errorf("%q", faults)
	}
	if found := s.nonlinear(); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

func TestAKeyTellsItsValueAndAValueItsKey(t *testing.T) {
	for _, key := range []string{"go1.7", "filler.3~65536", "plain1.2~1"} {
		if got := keyOf(valueOf(key)); got != key {
			t.Errorf("%s comes back as %.40s", key, got)
		}
	}
	if got := len(valueOf("a.1~100")); got != len("a.1~100 ")+100 {
		t.Errorf("a value of 100 bytes more has %d", got)
	}
	cut := valueOf("a.1~100")
	if keyOf(cut[:len(cut)-1]) == "a.1~100" {
		t.Error("a value that lost a byte passes for whole")
	}
}

func TestPausesAreMeasuredWithinASpan(t *testing.T) {
	h := History{acks: []time.Duration{1, 2, 10, 11, 30}}
	if got := h.longestPause(0, 40); got != 19 {
		t.Errorf("longest pause %d, want 19", got)
	}
	if got := h.longestPause(0, 15); got != 8 {
		t.Errorf("longest pause in the first 15 is %d, want 8", got)
	}
	if got := h.longestPause(12, 20); got != 8 {
		t.Errorf("longest pause where nothing was acknowledged is %d, want 8", got)
	}
}
