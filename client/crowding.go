package client

import "time"

// crowding is how a client holds back before an overloaded leader, with others of which it knows nothing: it
// halves what it has on its way each time that it is refused, and adds a message each time that as many as
// it has were chosen. So clients come to share what the log can take, as connections of TCP share a line.
type crowding struct {
	until  time.Time     // nothing is sent before
	pause  time.Duration // the least of the next pause
	most   int           // messages on their way; 0: as many as the window has
	chosen int           // messages chosen since most grew
}

// mostCrowded is from how many messages on their way a client does not count them any more: no leader that
// was once overloaded is still.
const mostCrowded = 1 << 10

// onRefused begins a pause, as long as the leader said or longer, where none is: what comes during a pause was
// sent before it, and says nothing new.
func (c *crowding) onRefused(retry time.Duration, onTheirWay int, now time.Time) {
	if now.Before(c.until) {
		return
	}
	c.until = later(now, max(retry, c.pause))
	c.pause = min(2*c.pause, longestRetryWait)
	c.most, c.chosen = max(onTheirWay/2, 1), 0
}

// onChosen counts a message all of whose values are chosen.
func (c *crowding) onChosen() {
	c.pause = firstRetryWait
	if c.most == 0 {
		return
	}
	if c.chosen++; c.chosen < c.most {
		return
	}
	c.most, c.chosen = c.most+1, 0
	if c.most > mostCrowded {
		c.most = 0
	}
}

// onRefused hears that the leader had no room for some of a message. All of it is sent again, under the same
// ids: what was taken of it is known.
func (l *pipeline) onRefused(m *message, retry time.Duration, now time.Time) {
	l.crowding.onRefused(retry, l.onTheirWay(), now)
	l.setRefused(m, true)
	m.due = l.crowding.until
	if m.due.Before(l.due) {
		l.due = m.due
	}
}

// setRefused notes whether a message waits to be sent again since it was refused.
func (l *pipeline) setRefused(m *message, isRefused bool) {
	if m.isRefused == isRefused {
		return
	}
	m.isRefused = isRefused
	if isRefused {
		l.refused++
	} else {
		l.refused--
	}
}

// onTheirWay is how many messages the leader may have, and has not answered.
func (l *pipeline) onTheirWay() int { return len(l.sent) - l.refused }

// mayAdd reports whether another message may be on its way.
func (l *pipeline) mayAdd() bool {
	return l.crowding.most == 0 || l.onTheirWay() < l.crowding.most
}
