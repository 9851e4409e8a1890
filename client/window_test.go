package client

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// tried is a window with a lock, used as a pipeline does.
type tried struct {
	sync.Mutex
	window
}

func newTried(mostCount, mostBytes int) *tried {
	t := &tried{window: window{mostCount: mostCount, mostBytes: mostBytes}}
	t.lock = t
	return t
}

func (t *tried) enter(ctx context.Context, bytes int) error {
	t.Lock()
	defer t.Unlock()
	if t.window.enter(bytes) {
		return nil
	}
	return t.wait(ctx, bytes)
}

func (t *tried) leave(bytes int) {
	t.Lock()
	defer t.Unlock()
	t.window.leave(bytes)
	t.admit()
}

func TestAWindowIsEnteredInTheOrderOfAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTried(10, 100)
		if err := w.enter(t.Context(), 90); err != nil {
			t.Fatal(err)
		}
		entered := make(chan int, 3)
		for _, bytes := range []int{50, 10, 200} { // 10 would fit, and waits behind 50; 200 wants all there is
			go func() {
				if err := w.enter(t.Context(), bytes); err != nil {
					t.Error(err)
				}
				entered <- bytes
			}()
			synctest.Wait()
		}
		if len(entered) > 0 {
			t.Fatalf("%d bytes entered a full window", <-entered)
		}
		w.leave(90)
		synctest.Wait()
		if len(entered) != 2 || <-entered+<-entered != 60 {
			t.Fatal("others than 50 and 10 entered")
		}
		w.leave(50)
		w.leave(10)
		synctest.Wait()
		if len(entered) != 1 || w.bytes != 100 || w.count != 1 {
			t.Errorf("%d entered, and %d bytes are taken; want the window for 200", len(entered), w.bytes)
		}
		w.leave(200)
		if w.bytes != 0 || w.count != 0 {
			t.Errorf("an empty window has %d of %d bytes", w.count, w.bytes)
		}
	})
}

func TestWhoStopsWaitingForAWindowLetsOthersPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTried(10, 100)
		if err := w.enter(t.Context(), 50); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		large, small := make(chan error, 1), make(chan error, 1)
		go func() { large <- w.enter(ctx, 80) }()
		synctest.Wait()
		go func() { small <- w.enter(t.Context(), 20) }()
		if err := <-large; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the large one ended with %v", err)
		}
		if err := <-small; err != nil {
			t.Errorf("the small one ended with %v", err)
		}
		if w.bytes != 70 || w.count != 2 {
			t.Errorf("%d in %d bytes are taken, want 2 in 70", w.count, w.bytes)
		}
	})
}
