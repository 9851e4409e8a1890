package chaos

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// anyStory makes up a short history that may be right or wrong: times, and how far reads go, are
// random.
func anyStory(random *rand.Rand) story {
	var s story
	const slots = 9
	span := func(middle int) (from, to time.Duration) {
		at := time.Duration(10*middle + random.IntN(25))
		return max(0, at-time.Duration(random.IntN(12))), at + time.Duration(random.IntN(12))
	}
	for i := range slots {
		if random.IntN(8) == 0 {
			s.log = append(s.log, Slot{IsNoop: true})
			continue
		}
		r := Request{Key: fmt.Sprint("k", i), HasID: random.IntN(2) == 0, Slot: uint64(i) + 1}
		r.Sent, r.Answered = span(i)
		s.log = append(s.log, Slot{Key: r.Key, Sum: uint64(i) + 1})
		s.requests = append(s.requests, r)
		if r.HasID && random.IntN(3) == 0 {
			r.Sent, r.Answered = span(i + random.IntN(4))
			s.requests = append(s.requests, r)
		}
	}
	for range 3 {
		last := 1 + random.IntN(slots)
		r := Read{First: uint64(last), Sums: []uint64{s.log[last-1].Sum}, IsFresh: random.IntN(2) == 0}
		r.Sent, r.Ended = span(last)
		s.reads = append(s.reads, r)
	}
	return s
}

// plainModel is a log and nothing else: its state is how many slots it has, and porcupine has to guess
// in which order reads and appends came.
var plainModel = porcupine.Model{
	Init: func() any { return uint64(0) },
	Step: func(state, input, _ any) (bool, any) {
		length, o := state.(uint64), input.(operation)
		switch o.kind {
		case reads:
			return length >= o.slot, length
		case readsFresh:
			return length == o.slot, length
		case repeats:
			return length+1 >= o.slot, max(length, o.slot)
		case appends:
			return length+1 == o.slot, o.slot
		}
		return false, length
	},
}

func TestAHistoryIsLinearizableWhenAllItsWindowsAre(t *testing.T) {
	outcomes := make(map[bool]int)
	for seed := range uint64(3000) {
		s := anyStory(rand.New(rand.NewPCG(seed, 0)))
		all := operationsOf(s.requests, s.reads, s.log)
		want := porcupine.CheckOperations(plainModel, all)
		if got := porcupine.CheckOperations(model, all); got != want {
			t.Fatalf("seed %d: with places linearizable is %v, of a plain log %v", seed, got, want)
		}
		for slots := uint64(2); slots <= 4; slots++ {
			got := true
			for _, window := range windowsOf(all, slots) {
				got = got && porcupine.CheckOperations(model, window)
			}
			if got != want {
				t.Fatalf("seed %d: in windows of %d slots linearizable is %v, as a whole %v", seed, slots, got, want)
			}
		}
		outcomes[want]++
	}
	if outcomes[true] < 300 || outcomes[false] < 300 {
		t.Errorf("of the histories %d are linearizable and %d are not: one kind is hardly tried",
			outcomes[true], outcomes[false])
	}
}
