package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

// benchProgress tells on a terminal how far a measurement is. Elsewhere it tells nothing.
type benchProgress struct {
	screen  screen
	of      int64 // values to come; 0: not known
	during  time.Duration
	began   time.Time
	done    atomic.Int64
	stopped chan struct{}
	ended   chan struct{}
}

// progressEvery is how often the progress is drawn.
const progressEvery = 200 * time.Millisecond

// startBenchProgress begins to tell; a screen that is no terminal hears nothing.
func startBenchProgress(to screen, of int64, during time.Duration) *benchProgress {
	p := &benchProgress{screen: to, of: of, during: during, began: time.Now(),
		stopped: make(chan struct{}), ended: make(chan struct{})}
	if !to.isTerminal {
		close(p.ended)
		return p
	}
	go p.draw()
	return p
}

func (p *benchProgress) add(values int) { p.done.Add(int64(values)) }

func (p *benchProgress) draw() {
	defer close(p.ended)
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = p.screen.print("\r\x1b[K" + p.screen.dim(p.text(time.Since(p.began))))
		case <-p.stopped:
			_ = p.screen.print("\r\x1b[K")
			return
		}
	}
}

// text is the progress after a time.
func (p *benchProgress) text(after time.Duration) string {
	done, of := p.done.Load(), ""
	if p.of > 0 {
		of = " of " + grouped(p.of)
	}
	seconds := fmt.Sprintf("%.0f s", after.Seconds())
	if p.during > 0 {
		seconds = fmt.Sprintf("%.0f of %.0f s", after.Seconds(), p.during.Seconds())
	}
	return fmt.Sprintf("%s%s values   %s values/s   %s", grouped(done), of,
		grouped(int64(perSecond(done, after))), seconds)
}

// stop ends the telling, and takes away what was told last.
func (p *benchProgress) stop() {
	close(p.stopped)
	<-p.ended
}
