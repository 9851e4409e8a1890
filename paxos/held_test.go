package paxos

import (
	"encoding/binary"
	"fmt"
	"testing"
)

func holdingOf(id ID, word string) *holding {
	return newHolding([]Value{{Kind: KindValue, ID: id, Data: []byte(word)}})
}

// numbered are values with client ids that follow each other, from low on.
func numbered(low uint64, count int) []Value {
	values := make([]Value, count)
	for i := range values {
		values[i] = Value{Kind: KindValue, ID: numberedID(low + uint64(i)), Data: []byte("x")}
	}
	return values
}

func numberedID(low uint64) ID {
	id := ID{Kind: IDClient}
	binary.BigEndian.PutUint64(id.Bytes[8:], low)
	return id
}

func TestHeldPairsRepliesOneForOneInOrder(t *testing.T) {
	id := ReplyID("_INBOX.1", []byte("x"))
	table := newHeld()
	first, second := holdingOf(id, "x"), holdingOf(id, "x")
	table.add(first)
	table.add(second)
	if got := table.claimReply(id, 7, false, 0); got != first {
		t.Error("the first value was not paired with the first proposal")
	}
	if got := table.claimReply(id, 8, false, 0); got != second || second.slot != 8 {
		t.Error("the second value was not paired with the second proposal")
	}
	if got := table.claimReply(id, 9, false, 0); got != nil {
		t.Error("a third value was paired with a proposal that had its slot")
	}
}

func TestHeldDropsFromEveryPlace(t *testing.T) {
	table := newHeld()
	var all []*holding
	for i := range 8 {
		h := holdingOf(ReplyID("_INBOX", []byte{byte(i % 2)}), "12345")
		if i > 3 {
			h = holdingOf(numberedID(uint64(i)), "12345")
		}
		all = append(all, h)
		table.add(h)
	}
	for _, i := range []int{2, 0, 5, 3, 1, 6, 4, 7} {
		table.drop(all[i])
		table.drop(all[i]) // a second time does nothing
	}
	if table.first != nil || table.last != nil || table.count != 0 || table.bytes != 0 || len(table.byReply)+len(table.byClient) != 0 {
		t.Errorf("something is left: %+v", table)
	}
}

func TestHeldForgetsAWhileAfterItWasSeenChosen(t *testing.T) {
	table := newHeld()
	h := holdingOf(ClientID("1"), "red")
	table.add(h)
	table.claim(h, 3, 100)
	table.expire(100)
	if h.isGone {
		t.Fatal("dropped before its time")
	}
	table.keepChosen(h, 150) // somebody asked again
	table.expire(120)
	if h.isGone {
		t.Fatal("dropped although it was asked for again")
	}
	table.expire(151)
	if !h.isGone || table.count != 0 {
		t.Error("still held")
	}
}

func TestAProposalHeardAfterItsValueIsPairedWithIt(t *testing.T) {
	table := newHeld()
	id := ReplyID("_INBOX.9", nil)
	table.noteUnclaimed(id, 4, 10)
	table.noteUnclaimed(id, 6, 20)
	if slot, ok := table.takeUnclaimed(id); !ok || slot != 4 {
		t.Errorf("takeUnclaimed = %d, %v, want the first, 4", slot, ok)
	}
	table.expire(21)
	if slot, ok := table.takeUnclaimed(id); ok {
		t.Errorf("slot %d was kept for longer than a while", slot)
	}
	if len(table.unclaimed) != 0 || len(table.expiring) != 0 {
		t.Error("forgotten ids are still remembered")
	}
}

func TestIDWindowKnowsTheSlotsWithinItAlone(t *testing.T) {
	window := newIDWindow(Limits{IDWindow: 5})
	for slot := Slot(1); slot <= 20; slot++ {
		window.add(slot, rangeOf([]Value{{ID: ClientID(fmt.Sprint(slot))}}))
	}
	for slot := Slot(1); slot <= 20; slot++ {
		got, ok := window.below(21, ClientID(fmt.Sprint(slot)))
		if want := slot >= 16; ok != want || ok && got != slot {
			t.Errorf("slot %d: below(21) = %d, %v, want known %v", slot, got, ok, want)
		}
	}
	if len(window.newest) > 6 {
		t.Errorf("%d ids are kept for a window of 5", len(window.newest))
	}
	if _, ok := window.below(18, ClientID("18")); ok {
		t.Error("a slot is not below itself")
	}
	if _, ok := window.below(21, ID{Kind: IDReply, Bytes: ClientID("20").Bytes}); ok {
		t.Error("a reply's id is taken for a client's")
	}
}

func TestIDWindowFindsAnEarlierSlotOfAnIDThatCameAgain(t *testing.T) {
	window := newIDWindow(Limits{IDWindow: 5, Flight: 20 * valueOverhead})
	window.add(3, rangeOf([]Value{{ID: ClientID("x")}}))
	window.add(4, rangeOf([]Value{{ID: ClientID("y")}}))
	window.add(9, rangeOf([]Value{{ID: ClientID("x")}}))
	if slot, ok := window.settledBelow(8, ClientID("x"), 6); !ok || slot != 3 {
		t.Errorf("settledBelow(8, x, 6) = %d, %v, want 3: slot 9 is not settled", slot, ok)
	}
	if slot, ok := window.settledBelow(10, ClientID("x"), 9); !ok || slot != 9 {
		t.Errorf("settledBelow(10, x, 9) = %d, %v, want 9", slot, ok)
	}
	if slot, ok := window.settledBelow(9, ClientID("x"), 6); ok {
		t.Errorf("settledBelow(9, x, 6) = %d: slot 3 is outside the window", slot)
	}
}

func TestManyProposalsOfOneReplyCostNoMoreEach(t *testing.T) {
	table := newHeld()
	id := ReplyID("inbox", []byte("x"))
	const count = 200_000 // takes minutes where each walks the others
	for range count {
		table.add(holdingOf(id, "x"))
	}
	for slot := Slot(1); slot <= count; slot++ {
		if h := table.claimReply(id, slot, false, int(slot)); h == nil || h.slot != slot {
			t.Fatalf("slot %d is not paired", slot)
		}
		table.expire(int(slot) - 100)
	}
	if len(table.byReply)+len(table.byClient) != 0 || table.bytes != 0 {
		t.Errorf("%d ids and %d bytes are left", len(table.byReply), table.bytes)
	}
}
