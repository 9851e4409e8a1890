package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// isolation is how long a broker is alone.
var isolation = time.Duration(times(2, 5)) * time.Second

// soon is how long a log may take to go on, whose leader and a third of whose acceptors are gone: it takes
// a second or two, and five times that on a busy machine.
const soon = 10 * time.Second

// longestPause is the longest time in which nothing was acknowledged, between two answers.
func (h History) longestPause() time.Duration {
	var answered []time.Duration
	for _, r := range h {
		if r.Slot != 0 {
			answered = append(answered, r.Answered)
		}
	}
	slices.Sort(answered)
	var longest time.Duration
	for i := 1; i < len(answered); i++ {
		longest = max(longest, answered[i]-answered[i-1])
	}
	return longest.Round(time.Millisecond)
}

func TestWhenABrokerOfThreeIsKilledTheLogGoesOn(t *testing.T) {
	s := startSpread(t)
	load := StartLoad(t, "v", s.url, 2*time.Second)
	for range times(1, 5) {
		load.Progress(100, patience)
		index := s.broker(s.awaitLeader())
		s.brokers[index].Kill()
		load.Progress(100, soon)
		s.brokers[index].Restart()
		s.brokers[index].AwaitTalk("listening at", patience)
		load.Progress(100, soon)
	}
	s.requireSpreadRight(load.Stop())
}

func TestABrokerCutOffFromTheOthersLosesNothingAndComesBack(t *testing.T) {
	s := startSpread(t)
	load := StartLoad(t, "v", s.url, 2*time.Second)
	for range times(1, 5) {
		load.Progress(100, patience)
		s.isolateFor(load, 2, cut)                         // an acceptor and a learner
		s.isolateFor(load, s.broker(s.awaitLeader()), cut) // the leader, and an acceptor
	}
	s.requireSpreadRight(load.Stop())
}

func TestProposersThatDoNotHearEachOtherButShareAnAcceptorLoseNothing(t *testing.T) {
	if !isLong() {
		t.Skip("skipped: takes a while; SYNOD_LONG=1 runs it")
	}
	s := startSpread(t)
	load := StartLoad(t, "v", s.url, 2*time.Second)
	for range times(1, 3) {
		load.Progress(100, patience)
		s.between("p1", "p2").proxy.Cut()
		cutAt := time.Now()
		load.Progress(100, soon)
		time.Sleep(time.Until(cutAt.Add(isolation)))
		load.Progress(100, soon)
		s.heal()
		load.Progress(100, soon)
	}
	s.requireSpreadRight(load.Stop())
}

func TestABrokerThatOnlyHearsOrIsOnlyHeardLosesNothing(t *testing.T) {
	if !isLong() {
		t.Skip("skipped: takes a while; SYNOD_LONG=1 runs it")
	}
	s := startSpread(t)
	load := StartLoad(t, "v", s.url, 2*time.Second)
	for range times(1, 3) {
		for _, hears := range []bool{true, false} {
			load.Progress(100, patience)
			index := s.broker(s.awaitLeader())
			s.isolateFor(load, index, deafen(index, hears))
		}
	}
	s.requireSpreadRight(load.Stop())
}

// isolateFor isolates a broker for a while, in which the log goes on, and then heals the routes.
func (s *spread) isolateFor(load *Load, index int, how func(route)) {
	s.t.Helper()
	s.isolate(index, how)
	alone := time.Now()
	load.Progress(100, soon)
	s.requireAlone(index)
	time.Sleep(time.Until(alone.Add(isolation)))
	load.Progress(50, soon)
	s.heal()
	load.Progress(100, soon)
}

// requireAlone checks that the acceptor on a broker cannot be asked anything from another broker.
func (s *spread) requireAlone(index int) {
	s.t.Helper()
	conn, err := nats.Connect(s.urls[(index+1)%len(s.urls)])
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Request("synod.main.status.a."+places[index][0], nil, 300*time.Millisecond); err == nil {
		s.t.Errorf("%s is not alone: it answered", places[index][0])
	}
}
