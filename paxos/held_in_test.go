package paxos

import "testing"

// What is held above the slot asked about was perhaps not chosen.
func TestASlotHeldInABallotIsNotAboveTheOneAskedFor(t *testing.T) {
	var held tail
	b := ballot(1)
	held.put(Proposal{Ballot: b, Run: runOf(3, "red", "green", "blue")})
	for through, want := range map[Slot]Slot{2: 2, 3: 3, 4: 4, 5: 5, 9: 5} {
		if got := held.heldIn(b, 3, through); got != want {
			t.Errorf("held from 3 through %d is %d, want %d", through, got, want)
		}
	}
}
