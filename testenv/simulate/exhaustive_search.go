package simulate

import (
	"sync"
	"sync/atomic"
	"time"
)

// search is a breadth-first search under way.
type search struct {
	*Exhaustive
	present   []ID // workers, in the order of states' parts
	prefix    []Operation
	locals    interned[local]
	wires     interned[wire]
	letters   interned[sealed]
	commons   interned[common]
	shards    [64]shard
	explorers []*explorer
	states    atomic.Uint32
	made      atomic.Uint64
	ends      atomic.Uint64
	depth     int
	frontier  []*global
	arrivals  []arrival  // by the number of a state: how it was first come to
	nexts     [][]uint32 // by the number of a state: the states its moves lead to
	isCut     bool       // the last level was not gone through
	failed    *failed
	told      time.Time
}

// shard is a part of the states met.
type shard struct {
	sync.Mutex
	met map[uint64]uint32
}

// arrival is how a state was first come to.
type arrival struct {
	from uint32
	move move
}

// failed is a move that broke a rule.
type failed struct {
	arrival
	violation *Violation
}

func newSearch(x *Exhaustive) *search {
	s := &search{Exhaustive: x, told: time.Now()}
	for i := range s.shards {
		s.shards[i].met = map[uint64]uint32{}
	}
	for range max(x.Workers, 1) {
		s.explorers = append(s.explorers, newExplorer(s))
	}
	e := s.explorers[0]
	for _, id := range e.world.present {
		if id != Twin {
			s.present = append(s.present, id)
		}
	}
	first := e.sealAll()
	s.meet(first.hash(len(s.present)))
	s.arrivals, s.nexts = make([]arrival, 1), make([][]uint32, 1)
	s.frontier = []*global{first}
	return s
}

// meet notes a state by its hash, and returns its number and whether it is new.
func (s *search) meet(hash uint64) (uint32, bool) {
	shard := &s.shards[hash>>58]
	shard.Lock()
	defer shard.Unlock()
	if number, isMet := shard.met[hash]; isMet {
		return number, false
	}
	number := s.states.Add(1) - 1
	shard.met[hash] = number
	return number, true
}

// portion is how many states a goroutine takes at a time.
const portion = 64

// level expands all states of the frontier; the next frontier is those met for the first time.
func (s *search) level(began time.Time) {
	s.nexts = append(s.nexts, make([][]uint32, int(s.states.Load())-len(s.nexts))...)
	var next atomic.Int64
	var group sync.WaitGroup
	for i, e := range s.explorers {
		e.found, e.ways = nil, e.ways[:0]
		group.Go(func() {
			for e.failed == nil && !s.isLate(began) {
				from := int(next.Add(portion)) - portion
				if from >= len(s.frontier) {
					return
				}
				for _, g := range s.frontier[from:min(from+portion, len(s.frontier))] {
					e.expand(g)
				}
				if i == 0 {
					s.tell(began)
				}
			}
		})
	}
	group.Wait()
	s.isCut = s.isLate(began) && next.Load() < int64(len(s.frontier))
	s.gather()
}

// gather takes in what the explorers met.
func (s *search) gather() {
	if !s.isCut {
		s.depth++
	}
	s.frontier = nil
	s.arrivals = append(s.arrivals, make([]arrival, int(s.states.Load())-len(s.arrivals))...)
	for _, e := range s.explorers {
		for i, g := range e.found {
			s.arrivals[g.number] = e.ways[i]
		}
		s.frontier = append(s.frontier, e.found...)
		if e.failed != nil && (s.failed == nil || e.failed.violation.Text < s.failed.violation.Text) {
			s.failed = e.failed
		}
	}
}

func (s *search) isLate(began time.Time) bool { return s.For > 0 && time.Since(began) > s.For }

func (s *search) coverage(began time.Time) Coverage {
	return Coverage{
		States: int(s.states.Load()), Moves: int(s.made.Load()), Depth: s.depth, Ends: int(s.ends.Load()),
		Took: time.Since(began),
	}
}

// tell tells of the progress, not too often.
func (s *search) tell(began time.Time) {
	if s.Progress != nil && time.Since(s.told) > 5*time.Second {
		s.told = time.Now()
		s.Progress(s.coverage(began))
	}
}

// failure is a failing path as operations in a world that begins anew.
func (s *search) failure(f *failed) *Failure {
	moves := []move{f.move}
	for number := f.from; number != 0; number = s.arrivals[number].from {
		moves = append(moves, s.arrivals[number].move)
	}
	w := NewWorld(s.Setup, 0)
	m := mover{world: w}
	m.keep(s.prefix)
	for i := len(moves) - 1; i >= 0 && w.violation == nil; i-- {
		m.make(moves[i])
	}
	return &Failure{Setup: s.Setup, Ops: m.done, Violation: w.violation}
}

// schedules counts the paths from the beginning to an end. States never come again on a path, since each
// move uses up a letter or a bound, so the paths from a state are those from the states after it.
func (s *search) schedules() float64 {
	const open = -1
	counts := make([]float64, len(s.nexts))
	stack := []uint32{0}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		switch {
		case counts[n] > 0:
			stack = stack[:len(stack)-1]
		case counts[n] == 0:
			counts[n] = open
			for _, next := range s.nexts[n] {
				if counts[next] == 0 {
					stack = append(stack, next)
				}
			}
		default:
			sum := 0.0
			for _, next := range s.nexts[n] {
				if counts[next] == open {
					panic("simulate: a move led back to a state it came from")
				}
				sum += counts[next]
			}
			counts[n] = max(sum, 1) // an end has one path
			stack = stack[:len(stack)-1]
		}
	}
	return counts[0]
}
