package compare

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
)

// TwicePeak is the load that nobody can bear for long.
const TwicePeak = "open loop at twice the peak, 128 B"

const (
	// glance is how often memory is looked at while a contestant is overloaded.
	glance = 100 * time.Millisecond

	// keptUp is the least part of what is offered that is acknowledged meanwhile where a contestant keeps up:
	// what is on its way at the end is missing. mostDoublings ends the search of one that always does.
	keptUp        = 0.8
	mostDoublings = 6

	// readWithin is how long reading back what came of it may take.
	readWithin = 5 * time.Minute
)

// overload offers each way of a contestant twice what it has just shown that it can do, and looks for what it
// acknowledged. Each way has the contestant anew, so that nothing but this is in its log.
func (c *comparison) overload(ctx context.Context, round int, newSystem contestant.New) {
	plain, ok := newSystem(contestant.Setup{}).(contestant.Log)
	if !ok || c.Overload == 0 {
		return
	}
	for i, way := range plain.Ways() {
		if way.Connect == nil || !c.wants(way.Name, TwicePeak) || ctx.Err() != nil {
			continue
		}
		c.with(ctx, round, newSystem, func(system contestant.System) error {
			log := system.(contestant.Log)
			return c.overloadOne(ctx, round, log, log.Ways()[i])
		})
	}
}

func (c *comparison) overloadOne(ctx context.Context, round int, system contestant.Log, way contestant.Way) error {
	clients, err := way.Connect(c.Connections)
	if err != nil {
		return err
	}
	defer closeAll(clients)
	peak, err := c.peak(ctx, clients)
	if err != nil {
		return err
	}
	load := workload.Load{Kind: workload.Open, Bytes: 128, For: c.Overload, Rate: 2 * peak}
	watched := watchMemory(system.Processes())
	offered := workload.Overload(ctx, load, clients)
	memory, err := watched()
	if err != nil {
		return err
	}
	if err := readBack(ctx, system, offered); err != nil {
		return fmt.Errorf("%s: reading back: %w", TwicePeak, err)
	}
	c.recordOverload(round, way.Name, peak, offered.Fates(), memory)
	return nil
}

// peak is the most values a second that were acknowledged: to 1,024 clients that wait for each, or to an open
// loop. Its rate is doubled until the contestant does not keep up, since many bear more in one than they are
// asked for by clients that wait.
func (c *comparison) peak(ctx context.Context, clients []workload.Client) (float64, error) {
	waiting := closed(1024, 128).load
	waiting.For = c.Warm
	if _, err := workload.Run(ctx, waiting, clients); err != nil {
		return 0, err
	}
	waiting.For = c.Each
	measured, err := workload.Run(ctx, waiting, clients)
	if err != nil {
		return 0, err
	}
	peak := measured.PerSecond()
	for rate, step := 2*peak, 0; step < mostDoublings; rate, step = 2*rate, step+1 {
		load := workload.Load{Kind: workload.Open, Bytes: 128, For: c.Each, Rate: rate}
		goodput := workload.Overload(ctx, load, clients).Fates().Goodput
		peak = max(peak, goodput)
		if goodput < keptUp*rate {
			break
		}
	}
	return peak, ctx.Err()
}

// readBack shows what is in the log, once all of it is whole again.
func readBack(ctx context.Context, system contestant.Log, offered *workload.Offered) error {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	if err := system.Whole(ctx); err != nil {
		return err
	}
	length, err := system.Length(ctx)
	if err != nil {
		return err
	}
	return system.ReadBack(ctx, length, offered.See)
}

// memory is what a contestant's processes have resident, together, in bytes.
type memory struct{ before, most int64 }

// watchMemory looks at memory until it is asked what there was.
func watchMemory(all []*process.Process) func() (memory, error) {
	before, err := sumOfMemory(all)
	seen := memory{before, before}
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for err == nil {
			select {
			case <-stop:
				return
			case <-time.After(glance):
			}
			var held int64
			held, err = sumOfMemory(all)
			seen.most = max(seen.most, held)
		}
	})
	return func() (memory, error) {
		close(stop)
		watching.Wait()
		return seen, err
	}
}

func sumOfMemory(all []*process.Process) (sum int64, err error) {
	for _, p := range all {
		held, err := p.Memory()
		if err != nil {
			return 0, err
		}
		sum += held
	}
	return sum, nil
}

// recordOverload writes down what became of the values, and tells it.
func (c *comparison) recordOverload(round int, name string, peak float64, f workload.Fates, m memory) {
	figures := []struct {
		metric string
		value  float64
	}{
		{"peak_values_per_s", peak}, {"goodput_values_per_s", f.Goodput}, {"offered", float64(f.Offered)},
		{"acknowledged", float64(f.Acknowledged)}, {"refused", float64(f.Refused)}, {"unknown", float64(f.Unknown)},
		{"held_back", float64(f.HeldBack)}, {"lost", float64(f.Lost)}, {"repeated", float64(f.Repeated)},
		{"stored_unacknowledged", float64(f.Stored)}, {"memory_before_mib", mebibytes(m.before)},
		{"memory_most_mib", mebibytes(m.most)},
	}
	for _, figure := range figures {
		c.add(round, name, TwicePeak, figure.metric, figure.value)
	}
	c.sayf("%-20s %s: goodput %.0f of %.0f values/s; of %d offered %d acknowledged, %d refused, %d unknown, "+
		"%d held back; %d lost, %d repeated; memory %.0f to %.0f MiB", name, TwicePeak, f.Goodput, peak, f.Offered,
		f.Acknowledged, f.Refused, f.Unknown, f.HeldBack, f.Lost, f.Repeated, mebibytes(m.before), mebibytes(m.most))
	for _, err := range f.Errors {
		c.sayf("%-20s for one: %v", name, err)
	}
}
