package config

import (
	"time"

	"github.com/synod-log/synod/paxos"
)

// Timing is how long things take: the durations behind paxos.Timing. Zero stands for the protocol's
// default.
type Timing struct {
	Hello         time.Duration
	Heartbeat     time.Duration
	LeastPatience time.Duration
	Patience      time.Duration
	LeaderPause   time.Duration
	Resend        time.Duration
	Pull          time.Duration
	Listen        time.Duration
	Absent        time.Duration
	Answer        time.Duration
	Wait          time.Duration
	Hold          time.Duration
}

// Ticks counts the durations in ticks, a part of a tick as a whole one.
func (t Timing) Ticks(tick time.Duration) paxos.Timing {
	count := func(d time.Duration) int { return int((d + tick - 1) / tick) }
	return paxos.Timing{
		Hello:         count(t.Hello),
		Heartbeat:     count(t.Heartbeat),
		LeastPatience: count(t.LeastPatience),
		Patience:      count(t.Patience),
		LeaderPause:   count(t.LeaderPause),
		Resend:        count(t.Resend),
		Pull:          count(t.Pull),
		Listen:        count(t.Listen),
		Absent:        count(t.Absent),
		Answer:        count(t.Answer),
		Wait:          count(t.Wait),
		Hold:          count(t.Hold),
	}
}
