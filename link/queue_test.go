package link

import (
	"slices"
	"sync"
	"testing"
)

func TestAQueueHandsOverEverythingInOrderAcrossClasses(t *testing.T) {
	queue := NewQueue[int](1<<20, 1<<20)
	for i := range 6 {
		if !queue.Put(i%2, i, 1) {
			t.Fatalf("item %d was refused by a queue with room", i)
		}
	}
	<-queue.Ready()
	if got, want := queue.Take(nil), []int{0, 1, 2, 3, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
	if got := queue.Take(nil); len(got) != 0 {
		t.Errorf("took %v from an empty queue", got)
	}
}

func TestAClassThatIsFullDoesNotPushOutAnother(t *testing.T) {
	const votes, proposals = 0, 1
	queue := NewQueue[string](10, 10)
	for _, put := range []struct {
		class int
		item  string
		size  int
		want  bool
	}{
		{proposals, "fits", 6, true},
		{proposals, "would pass the bound", 5, false},
		{proposals, "fills it", 4, true},
		{proposals, "not even one more byte", 1, false},
		{votes, "a vote", 10, true},
	} {
		if got := queue.Put(put.class, put.item, put.size); got != put.want {
			t.Errorf("%q was admitted: %v, want %v", put.item, got, put.want)
		}
	}
	if got, want := queue.Take(nil), []string{"fits", "fills it", "a vote"}; !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
	if !queue.Put(proposals, "room again", 10) {
		t.Error("a queue that was taken whole has no room")
	}
}

func TestAnEmptyClassAdmitsOneItemOfAnySize(t *testing.T) {
	queue := NewQueue[string](10)
	if !queue.Put(0, "huge", 1000) {
		t.Error("an item above the bound was refused: it could never pass")
	}
	if queue.Put(0, "next", 1) {
		t.Error("an item was admitted beside one that is above the bound")
	}
}

func TestOfALimitedClassOnlySoMuchIsTakenAtOnceBehindWhatIsOfOthers(t *testing.T) {
	const votes, proposals = 0, 1
	queue := NewQueue[string](100, 30)
	queue.Limit(proposals, 10)
	put := func(class int, item string, size int, want bool) {
		t.Helper()
		if got := queue.Put(class, item, size); got != want {
			t.Errorf("%q was admitted: %v, want %v", item, got, want)
		}
	}
	put(proposals, "one", 6, true)
	put(proposals, "two", 4, true)
	put(proposals, "three", 6, true)
	put(proposals, "large", 14, true)
	put(proposals, "too much", 1, false)
	put(votes, "a vote", 90, true)
	var spare []string
	for i, want := range [][]string{{"a vote", "one", "two"}, {"another vote", "three"}, {"large"}, {"last"}} {
		<-queue.Ready() // told of what was left, too
		if spare = queue.Take(spare); !slices.Equal(spare, want) {
			t.Errorf("the %dth time %v were taken, want %v", i+1, spare, want)
		}
		switch i {
		case 0:
			put(proposals, "last", 10, true) // there is room for what was taken
			put(votes, "another vote", 90, true)
		case 1:
			put(proposals, "still too much", 7, false)
		}
	}
	select {
	case <-queue.Ready():
		t.Error("it tells that there is something to take, and is empty")
	default:
	}
}

func TestAQueueForgetsWhatItHandedOver(t *testing.T) {
	queue := NewQueue[*int](1 << 20)
	queue.Put(0, new(int), 1)
	taken := queue.Take(nil)
	queue.Take(taken)
	if taken[0] != nil {
		t.Error("an item is still held after its slice was given back")
	}
}

func TestAQueueNeverLeavesItsTakerAsleep(t *testing.T) {
	const putters, each = 4, 1000
	queue := NewQueue[int](1 << 30)
	var putting sync.WaitGroup
	for range putters {
		putting.Go(func() {
			for i := range each {
				queue.Put(0, i, 1)
			}
		})
	}
	var taken []int
	for total := 0; total < putters*each; total += len(taken) {
		<-queue.Ready() // a wake that got lost would hang the test here
		taken = queue.Take(taken)
	}
	putting.Wait()
}
