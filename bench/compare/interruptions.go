package compare

import (
	"context"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
)

// interruption is something that happens to a process.
type interruption struct {
	name     string
	ofBroker bool // the broker that the leader uses is ended, not the leader
	end      func(*process.Process)
}

// Names that results of interruptions are filed under.
const (
	Killed       = "kill -9 of the leader"
	Stopped      = "graceful stop of the leader"
	BrokerKilled = "kill -9 of the leader's broker"
)

// interruptionConnections is over how many connections values come meanwhile.
const interruptionConnections = 12

var allInterruptions = []interruption{
	{Killed, false, (*process.Process).Kill},
	{Stopped, false, (*process.Process).Stop},
	{BrokerKilled, true, (*process.Process).Kill},
}

// target is the process that is ended.
func (i interruption) target(ctx context.Context, system contestant.System) (*process.Process, error) {
	if synod, ok := system.(*contestant.Synod); ok && i.ofBroker {
		return synod.Broker(ctx)
	}
	return system.Leader(ctx)
}

// interruptions interrupts one contestant again and again, for each way that clients reach it.
func (c *comparison) interruptions(
	ctx context.Context, newSystem contestant.New,
) {
	if c.Kills == 0 {
		return
	}
	plain := newSystem(contestant.Setup{})
	for _, way := range plain.Ways() {
		for _, one := range allInterruptions {
			if way.Connect == nil || !c.wants(way.Name, one.name) || ctx.Err() != nil {
				continue
			}
			if _, isSynod := plain.(*contestant.Synod); one.ofBroker && !isSynod {
				continue // a peer's leader is its own broker, or has none
			}
			c.with(ctx, 1, newSystem, func(system contestant.System) error {
				return c.interrupt(ctx, system, way.Name, one)
			})
		}
	}
}

func (c *comparison) interrupt(ctx context.Context, system contestant.System, name string, one interruption) error {
	var way contestant.Way
	for _, offered := range system.Ways() {
		if offered.Name == name {
			way = offered
		}
	}
	clients, err := way.Connect(interruptionConnections)
	if err != nil {
		return err
	}
	defer closeAll(clients)
	for i := 1; i <= c.Kills; i++ {
		var ended *process.Process
		measured, err := workload.Interrupt(ctx, clients, 128, func() (err error) {
			if ended, err = one.target(ctx, system); err == nil {
				one.end(ended)
			}
			return err
		})
		if err != nil {
			return err
		}
		c.add(i, name, one.name, "pause_ms", microseconds(measured.Longest)/1000)
		c.add(i, name, one.name, "values", float64(measured.Values))
		c.add(i, name, one.name, "failed", float64(measured.Failed))
		c.sayf("%-20s %s, %d of %d: longest pause %v, %d of %d values not acknowledged", name, one.name, i,
			c.Kills, rounded(measured.Longest), measured.Failed, measured.Values)
		if err := ended.Start(); err != nil {
			return err
		}
		if err := system.Whole(ctx); err != nil {
			return err
		}
	}
	return nil
}
