package paxos

import (
	"fmt"
	"testing"
)

// steady is a leader whose acceptors have a run chosen every tick, whatever is proposed.
type steady struct {
	*Proposer
	t    *testing.T
	next int // of the values proposed
}

// steadyRun is what its acceptors take in a tick, in values and bytes. A flight is one run.
const (
	steadyValues = 10
	steadyRun    = steadyValues * (valueOverhead + 1)
)

func newSteady(t *testing.T, wait int) *steady {
	p := leadingProposer(Limits{Run: steadyRun, Runs: 1, Gather: -1})
	p.timing.Wait = wait
	return &steady{Proposer: p, t: t}
}

// propose proposes values under ids of their own, and returns the refusals among their outcomes.
func (s *steady) propose(count int) []Outcome {
	var refused []Outcome
	for range count {
		s.next++
		for _, o := range s.Step(proposing(ClientID(fmt.Sprint(s.next)), "r")).Outcomes {
			if o.Code != OutcomeOverloaded {
				s.t.Fatalf("value %d was answered %v before anybody voted", s.next, o)
			}
			refused = append(refused, o)
		}
	}
	return refused
}

// tick lets a tick pass, at whose end a quorum has voted for all that was proposed, or only lives.
func (s *steady) tick(hasVoted bool) {
	s.Tick()
	span := Span{}
	if last := s.leadership.next - 1; hasVoted && last >= s.leadership.first {
		span = Span{First: s.leadership.first, Last: last}
	}
	for _, id := range []string{"a1", "a2"} {
		s.Step(Message{From: Address{RoleAcceptor, id}, Tag: three.Tag("main"),
			Body: &Accepted{Ballot: s.leadership.ballot, Boot: 1, Sequence: 3, Span: span}})
	}
}

func TestALeaderRefusesWhatWouldWaitForTooLongAndTellsForHowLong(t *testing.T) {
	const most = 20 // ticks
	s := newSteady(t, most)
	if refused := s.propose(40 * steadyValues); len(refused) > 0 {
		t.Fatalf("%d are refused before anybody can tell how long they wait", len(refused))
	}
	for range leastMeasured + 2 {
		s.tick(true)
	}
	waiting := s.leadership.wait()
	if waiting < most || waiting > 40 {
		t.Fatalf("it expects a proposal to wait for %d ticks, of the 40 runs that were queued", waiting)
	}
	refused := s.propose(1)
	if len(refused) != 1 || refused[0].Retry != waiting || refused[0].Why == "" {
		t.Fatalf("what would wait for %d ticks is answered %+v", waiting, refused)
	}
	if status := s.Status(); !status.Full || status.Wait != waiting || status.Retry != waiting || status.Overloaded != 1 {
		t.Errorf("the status tells %+v", status)
	}
	for s.leadership.wait() >= most {
		s.tick(true)
	}
	if s.Status().Full {
		t.Error("the status tells that it would refuse what it has room for")
	}
	if refused := s.propose(1); len(refused) > 0 {
		t.Errorf("what would wait for %d ticks is refused", s.leadership.wait())
	}
}

func TestUnderTwiceTheLoadAsMuchIsChosenAndWaitsNoLongerThanIsAllowed(t *testing.T) {
	const most, ticks = 20, 400
	s := newSteady(t, most)
	refused, chosen := 0, s.leadership.chosen
	for i := range ticks {
		refused += len(s.propose(2 * steadyValues))
		s.tick(true)
		if i > 2*most && s.held.count > 0 {
			oldest := s.held.first
			for oldest.slot != 0 {
				oldest = oldest.next
			}
			if waited := s.now - oldest.since; waited > most+2 {
				t.Fatalf("in tick %d a proposal has waited for %d ticks", i, waited)
			}
		}
	}
	if got := int(s.leadership.chosen - chosen); got < (ticks-2)*steadyValues {
		t.Errorf("%d values were chosen in %d ticks of %d", got, ticks, steadyValues)
	}
	if want := ticks * steadyValues; refused < want-(most+2)*steadyValues || refused > want {
		t.Errorf("%d were refused, half of all are %d", refused, want)
	}
}

func TestAFewRunsMayWaitWhateverThePace(t *testing.T) {
	s := newSteady(t, 20)
	s.propose(3 * steadyValues)
	for range 5 * leastMeasured {
		s.tick(false) // a stall
	}
	if refused := s.propose(steadyValues); len(refused) > 0 {
		t.Errorf("of %d runs that wait in a stall %d values are refused", leastQueued, len(refused))
	}
	if refused := s.propose(2 * steadyValues); len(refused) == 0 || refused[0].Retry != mostRetry {
		t.Errorf("beyond these is answered %v, want refusals that tell to come back in %d ticks", refused, mostRetry)
	}
}

func TestAPaceIsMeasuredAnewAfterNothingWaited(t *testing.T) {
	s := newSteady(t, 20)
	s.propose(4 * steadyValues)
	for range 5 * leastMeasured {
		s.tick(false)
	}
	for range 10 {
		s.tick(true)
	}
	if s.leadership.wait() != 0 {
		t.Errorf("it expects a wait of %d ticks although nothing waits", s.leadership.wait())
	}
	if refused := s.propose(10 * steadyValues); len(refused) > 0 {
		t.Errorf("%d values are refused for a stall that is over", len(refused))
	}
}

func TestWhereNoWaitIsTooLongOnlyBytesAreBounded(t *testing.T) {
	s := newSteady(t, -1)
	s.limits.Held = 50 * steadyRun
	s.propose(40 * steadyValues)
	for range 5 * leastMeasured {
		s.tick(false)
	}
	if refused := s.propose(10 * steadyValues); len(refused) > 0 {
		t.Errorf("%d values are refused although there is room for them", len(refused))
	}
	if refused := s.propose(1); len(refused) != 1 || refused[0].Retry != mostRetry {
		t.Errorf("what there is no room for is answered %v", refused)
	}
}

func TestWhatHasNoIDIsDroppedAndCountedWhereItWouldWaitForTooLong(t *testing.T) {
	s := newSteady(t, 20)
	s.propose(40 * steadyValues)
	for range leastMeasured + 2 {
		s.tick(true)
	}
	before := s.leadership.queue.bytes
	s.Step(proposing(ID{}, ""))
	if s.leadership.queue.bytes > before || s.Status().Overloaded != 1 {
		t.Errorf("it is queued, or not counted: %d", s.Status().Overloaded)
	}
}

func TestTicksThatWereMissedCountForTheWait(t *testing.T) {
	s := newSteady(t, -1)
	s.propose(40 * steadyValues)
	for range leastMeasured + 2 {
		s.Missed(9) // of ten that pass it is given one
		s.tick(true)
	}
	if waiting, left := s.leadership.wait(), 40-leastMeasured-2; waiting < 9*left || waiting > 11*left {
		t.Errorf("it expects to wait for %d ticks, of %d runs of which one is chosen in ten ticks", waiting, left)
	}
	if s.leadership.pace.ticks > paceMemory {
		t.Errorf("the mean is of %d ticks, and forgets nothing", s.leadership.pace.ticks)
	}
}
