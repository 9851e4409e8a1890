package link

import "time"

// clock says how many ticks to give. Its timer fires once for as many as may be given together; what
// arrives earlier finds those given that have passed.
type clock struct {
	timer *time.Timer
	most  int       // ticks that may be given together
	left  int       // ticks until the timer fires
	since time.Time // when the last tick was due
}

func newClock(most int) *clock {
	most = max(most, 1)
	return &clock{timer: time.NewTimer(time.Duration(most) * Tick), most: most, left: most, since: time.Now()}
}

// onTime returns the ticks to give now that the timer fired, and sets it again: from when it was due, so
// that ticks keep their pace, or from now, where that was missed by more than a tick.
func (c *clock) onTime() int {
	due, now := c.left, time.Now()
	c.pass(due)
	if now.Sub(c.since) >= Tick {
		c.since = now
	}
	c.left = c.most
	c.timer.Reset(c.since.Add(time.Duration(c.left) * Tick).Sub(now))
	return due
}

// onArrival returns the ticks that have passed when something arrives; the last before the timer fires
// is left to it.
func (c *clock) onArrival() int {
	if c.left == 1 {
		return 0
	}
	passed := min(int(time.Since(c.since)/Tick), c.left-1)
	c.pass(passed)
	return passed
}

func (c *clock) pass(ticks int) {
	c.left -= ticks
	c.since = c.since.Add(time.Duration(ticks) * Tick)
}
