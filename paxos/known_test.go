package paxos

import "testing"

func TestAnOldSlotOfABlockIsForgottenAlone(t *testing.T) {
	w := newIDWindow(Limits{IDWindow: 4, Flight: valueOverhead})
	again := ID{Kind: IDClient, Bytes: [16]byte{1}}
	idsOf := func(id ID) idRange { return rangeOf([]Value{{Kind: KindValue, ID: id}}) }
	w.add(1, idsOf(again))
	w.add(6, idsOf(again))
	w.add(8, idsOf(ID{Kind: IDClient, Bytes: [16]byte{2}})) // takes slot 1 out of the window
	if slot, ok := w.below(9, again); !ok || slot != 6 {
		t.Errorf("known at slot %d (%t), want 6", slot, ok)
	}
}

func TestARequestHeardAfterItsValueIsAnsweredAndNotProposed(t *testing.T) {
	p := leadingProposer(Limits{})
	first := p.follower.learned + 1
	value := Value{Kind: KindValue, ID: ReplyID("inbox", []byte("red")), Data: []byte("red")}
	p.learn(Run{First: first, Values: []Value{value}}, true)
	e := p.Step(Message{Body: &Propose{Values: []Value{value}, Reply: Reply{To: "inbox"}}})
	if len(e.Outcomes) != 1 || e.Outcomes[0].Slot != first || len(sentOf[*Accept](e)) > 0 {
		t.Errorf("told %v, sent %v", e.Outcomes, e.Send)
	}
}

func TestOneValueAnswersOneRequest(t *testing.T) {
	h := newHeld()
	id := ReplyID("inbox", []byte("red"))
	h.noteUnclaimed(id, 5, 1)
	if slot, ok := h.takeUnclaimed(id); !ok || slot != 5 {
		t.Errorf("the first is paired with slot %d (%t), want 5", slot, ok)
	}
	if slot, ok := h.takeUnclaimed(id); ok {
		t.Errorf("a second that is not chosen yet is paired with slot %d", slot)
	}
}

func TestARecoveredIDThatIsSettledWithinTheWindowIsNotProposedAgain(t *testing.T) {
	value := Value{Kind: KindValue, ID: ClientID("red"), Data: []byte("red")}
	for known, wantKind := range map[Slot]Kind{2: KindValue, 3: KindNoop} {
		ids := newIDWindow(Limits{IDWindow: 4, Flight: 16 * valueOverhead})
		ids.add(known, rangeOf([]Value{value}))
		c := newCandidacy(ballotOf(2, "p1"), three, 0)
		page := &Promise{Settled: 6, First: 7, Proposals: []Proposal{
			{Ballot: ballotOf(1, "p2"), Run: Run{First: 7, Values: []Value{value}}},
		}}
		c.add("a1", page)
		c.add("a2", page)
		if run := c.recovered(&ids); run.First != 7 || len(run.Values) != 1 || run.Values[0].Kind != wantKind {
			t.Errorf("settled in slot %d, 4 slots known: proposed in slot 7 is %v, want kind %d", known, run, wantKind)
		}
	}
}
