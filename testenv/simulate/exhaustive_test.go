package simulate

import (
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
)

// tiny are bounds that are gone through within seconds.
func tiny() Bounds {
	b := Bounds{Setup: TinySetup(), Values: 1, IsDeaf: true, Campaigns: 2, Each: 1}
	b.Setup.Acceptors = 2
	return b
}

func TestEveryOrderOfATinyClusterIsWell(t *testing.T) {
	three, twice, learned := tiny(), tiny(), tiny()
	three.Setup.Acceptors, three.Campaigns, three.Crashes = 3, 1, 1
	twice.Campaigns, twice.Each = 3, 2
	learned.Setup.Learners = 1
	bounds := []Bounds{three, twice, learned}
	if os.Getenv("SYNOD_LONG") != "" {
		crash, waits := tiny(), tiny()
		crash.Crashes, crash.Repeats = 1, 1
		waits.Values, waits.Waits = 2, 2
		bounds = append(bounds, crash, waits)
	}
	for _, b := range bounds {
		x := Exhaustive{Bounds: b, Workers: runtime.GOMAXPROCS(0)}
		c := x.Run()
		t.Logf("%v\n%v", b, c)
		if c.Failure != nil {
			t.Errorf("%v\n%s", c.Failure.Violation, c.Failure.Script())
		} else if !c.IsDone || c.Schedules < 1000 {
			t.Errorf("it ended early, having gone %g ways", c.Schedules)
		}
	}
}

// What the search makes of parts that states share is what a world makes of the operations, one after another.
func TestAPathThroughStatesIsAPathOfTheWorld(t *testing.T) {
	b := tiny()
	b.Setup.Learners, b.Values, b.Campaigns, b.Each, b.Waits, b.Crashes, b.Repeats = 1, 2, 4, 3, 4, 2, 2
	s := newSearch(&Exhaustive{Bounds: b})
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		g := s.frontier[0]
		plain := NewWorld(b.Setup, 0)
		m := mover{world: plain}
		m.keep(s.prefix)
		for range 40 {
			moves := s.candidates(g, nil)
			if len(moves) == 0 {
				break
			}
			v := moves[random.IntN(len(moves))]
			next, violation := s.explorers[0].after(g, v)
			if violation != nil {
				t.Fatal(violation)
			}
			if next == nil {
				continue
			}
			m.make(v)
			if got, want := next.hash(len(s.present)), s.explorers[0].stateOf(plain, next.used); got != want {
				t.Fatalf("after %v the world is in another state:\n%s", v, (&Failure{Setup: b.Setup, Ops: m.done}).Script())
			}
			g = next
		}
	}
	s.checkUnchanged(t)
}

// stateOf is the hash of the state of a plain world.
func (e *explorer) stateOf(w *World, u used) uint64 {
	was := e.world
	e.world = *w
	for _, id := range e.present {
		e.world.workers[id] = *deepCopy(&e.copier, &w.workers[id]) // w goes on
	}
	c := deepCopy(&e.copier, &common{truth: w.truth, proposals: w.proposals, requests: w.requests})
	e.world.truth, e.world.proposals, e.world.requests = c.truth, c.proposals, c.requests
	whole := e.sealAll()
	e.world = was
	whole.used = u
	return whole.hash(len(e.present))
}

// checkUnchanged asks that nobody changed what states share.
func (s *search) checkUnchanged(t *testing.T) {
	var h stateHasher
	for i := range s.locals.shards {
		for hash, l := range s.locals.shards[i].known {
			if h.hashOf(&l.worker) != hash {
				t.Errorf("a state of %v was changed by a step", l.worker.id)
			}
		}
	}
	for i := range s.commons.shards {
		for hash, c := range s.commons.shards[i].known {
			if h.hashCommon(c) != hash {
				t.Error("what a world knows was changed by a step")
			}
		}
	}
}

func TestTheShortestWayIsFound(t *testing.T) {
	s := newSearch(&Exhaustive{Bounds: tiny()})
	g := s.frontier[0]
	if moves := s.candidates(g, nil); len(moves) != s.Setup.Proposers {
		t.Errorf("at first there are %d moves, want one for each proposer: its patience ends", len(moves))
	}
}
