package paxos

import "testing"

// feeding ticks a feed once, as a learner that is level at learned.
func feeding(f *feed, self string, learned Slot, now int) Span {
	f.tick(self, learned, true, now-30, 30)
	return f.next(learned)
}

func TestTheLowestOfferedIDPublishesTheFeed(t *testing.T) {
	f := feed{isWilling: true}
	f.onHello("l1", true, 4, 70, 100)
	f.onHello("l3", true, 6, 70, 100)
	if got := feeding(&f, "l2", 5, 101); !got.IsEmpty() {
		t.Errorf("l2 publishes %v beside l1", got)
	}
	if got, want := feeding(&f, "l2", 7, 200), (Span{5, 7}); got != want {
		t.Errorf("l2 publishes %v once l1 is gone, want %v: what follows the last slot that l1 told of", got, want)
	}
	if got := feeding(&f, "l2", 7, 201); !got.IsEmpty() {
		t.Errorf("l2 publishes %v a second time", got)
	}
	f.onHello("l1", true, 6, 172, 202)
	if got := feeding(&f, "l2", 9, 203); !got.IsEmpty() {
		t.Errorf("l2 publishes %v although l1 is back", got)
	}
}

func TestASuccessorGoesOnWhereTheOneBeforeSaidThatItEnds(t *testing.T) {
	f := feed{isWilling: true}
	f.onHello("l1", true, 4, 70, 100)
	feeding(&f, "l2", 9, 101)
	f.onHello("l1", false, 8, 72, 102)
	if got, want := feeding(&f, "l2", 9, 103), (Span{9, 9}); got != want {
		t.Errorf("l2 publishes %v when l1 leaves, want %v", got, want)
	}
}

func TestALearnerThatHeardNoFeedBeginsWhereItIs(t *testing.T) {
	f := feed{isWilling: true}
	if got := feeding(&f, "l1", 1000, 1); !got.IsEmpty() {
		t.Errorf("it publishes %v: the log's past", got)
	}
	if got, want := feeding(&f, "l1", 1002, 2), (Span{1001, 1002}); got != want {
		t.Errorf("it publishes %v, want %v", got, want)
	}
}

func TestALearnerOffersTheFeedOnlyWhenItIsLevel(t *testing.T) {
	f := feed{isWilling: true}
	f.tick("l1", 3, false, 0, 30)
	if f.isOffered {
		t.Error("it offers the feed although it is not level")
	}
	if f.tick("l1", 10, true, 0, 30); !f.isOffered {
		t.Fatal("it does not offer the feed although it is level")
	}
	for range 40 {
		f.tick("l1", 10, false, 0, 30)
	}
	if f.isOffered || f.isFeeding {
		t.Error("it offers the feed although it has not been level for long")
	}
}

func TestALearnerThatDoesNotWantToNeverOffers(t *testing.T) {
	var f feed
	if got := feeding(&f, "l1", 5, 1); f.isOffered || !got.IsEmpty() {
		t.Errorf("it offers the feed (publishes %v)", got)
	}
}
