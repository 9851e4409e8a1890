package compare

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/result"
	"github.com/synod-log/synod/bench/workload"
)

// HalfPeak is the load that follows from another.
const HalfPeak = "open loop at half of the peak, 128 B"

// ClosedName is what results of a closed loop are filed under.
func ClosedName(clients, bytes int) string {
	return fmt.Sprintf("closed, %s, %d B", counted(clients, "client"), bytes)
}

// PipelinedName is what results of pipelined values are filed under.
func PipelinedName(bytes int) string { return fmt.Sprintf("pipelined, %d B", bytes) }

// BatchedName is what results of batched values are filed under.
func BatchedName(bytes int) string { return fmt.Sprintf("batched, %d B", bytes) }

const (
	batch   = 1000 // values in a call: as many as JetStream takes in an atomic batch
	streams = 8    // calls on their way on the one connection
)

// named is a load and what its results are filed under.
type named struct {
	name string
	load workload.Load
}

// allLoads are what every contestant is asked to do, in this order.
func allLoads() []named {
	var all []named
	for _, clients := range []int{1, 16, 128, 1024} {
		all = append(all, closed(clients, 128))
	}
	all = append(all, closed(128, 4096))
	for _, bytes := range []int{16, 128, 1024} {
		all = append(all, named{PipelinedName(bytes),
			workload.Load{Kind: workload.Pipelined, Bytes: bytes}})
	}
	for _, bytes := range []int{16, 128, 1024} {
		all = append(all, named{BatchedName(bytes),
			workload.Load{Kind: workload.Batched, Bytes: bytes, Batch: batch, Clients: streams}})
	}
	return append(all, named{HalfPeak, workload.Load{Kind: workload.Open, Bytes: 128}})
}

func closed(clients, bytes int) named {
	return named{ClosedName(clients, bytes),
		workload.Load{Kind: workload.Closed, Clients: clients, Bytes: bytes}}
}

// counted is "1 client" or "16 clients".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// loads measures all loads of one contestant.
func (c *comparison) loads(
	ctx context.Context, round int, newSystem contestant.New,
) {
	wanted := make(map[string][]named)
	for _, way := range newSystem(contestant.Setup{}).Ways() {
		for _, one := range allLoads() {
			if slices.Contains(way.Kinds, one.load.Kind) && c.wants(way.Name, one.name) {
				wanted[way.Name] = append(wanted[way.Name], one)
			}
		}
	}
	if len(wanted) == 0 || ctx.Err() != nil {
		return
	}
	c.with(ctx, round, newSystem, func(system contestant.System) error {
		for _, way := range system.Ways() {
			for _, one := range wanted[way.Name] {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err := c.load(ctx, round, system, way, one); err != nil {
					c.skip(way.Name+", "+one.name, err)
				}
			}
		}
		return nil
	})
}

// load measures one load.
func (c *comparison) load(
	ctx context.Context, round int, system contestant.System, way contestant.Way, one named,
) error {
	load := one.load
	load.For, load.Window = c.Each, way.Window
	if load.Kind == workload.Open {
		load.Rate = c.peaks[way.Name] / 2
		if load.Rate == 0 {
			return fmt.Errorf("the peak was not measured in this round")
		}
	}
	run, end, err := c.runner(way, load)
	if err != nil {
		return err
	}
	defer end()
	warm := load
	warm.For = c.Warm
	if _, err := run(ctx, warm); err != nil {
		return err
	}
	before, err := sampleOf(ctx, system)
	if err != nil {
		return err
	}
	measured, err := run(ctx, load)
	if err != nil {
		return err
	}
	after, err := sampleOf(ctx, system)
	if err != nil {
		return err
	}
	if one.name == ClosedName(1024, 128) {
		c.peaks[way.Name] = measured.PerSecond()
	}
	c.record(round, way.Name, one.name, measured, after.since(before))
	return nil
}

// runner is what carries out a load, with connections that last until end.
func (c *comparison) runner(way contestant.Way, load workload.Load) (
	run func(context.Context, workload.Load) (workload.Measured, error), end func(), err error,
) {
	connections := load.Connections(c.Connections)
	if way.Run != nil {
		run = func(ctx context.Context, load workload.Load) (workload.Measured, error) {
			return way.Run(ctx, load, connections)
		}
		return run, func() {}, nil
	}
	clients, err := way.Connect(connections)
	if err != nil {
		return nil, nil, err
	}
	run = func(ctx context.Context, load workload.Load) (workload.Measured, error) {
		return workload.Run(ctx, load, clients)
	}
	return run, func() { closeAll(clients) }, nil
}

// closeAll closes the clients of a load.
func closeAll(clients []workload.Client) {
	for _, client := range clients {
		client.Close()
	}
}

// record writes down a load's figures, and tells the main ones.
func (c *comparison) record(round int, way, load string, m workload.Measured, used sample) {
	values := float64(m.Values)
	c.add(round, way, load, "values_per_s", m.PerSecond())
	c.add(round, way, load, "p50_us", microseconds(m.P50))
	c.add(round, way, load, "p99_us", microseconds(m.P99))
	c.add(round, way, load, "p999_us", microseconds(m.P999))
	c.add(round, way, load, "max_us", microseconds(m.Max))
	c.add(round, way, load, "failed", float64(m.Failed))
	if c.basis == result.Together { // the one process's, with the clients in it
		c.add(round, way, load, "process_cpu_us_per_value", microseconds(used.servers)/values)
	} else {
		c.add(round, way, load, "servers_cpu_us_per_value", microseconds(used.servers)/values)
		c.add(round, way, load, "clients_cpu_us_per_value", microseconds(used.clients)/values)
	}
	if used.traffic.Messages > 0 {
		c.add(round, way, load, "broker_messages_per_value", float64(used.traffic.Messages)/values)
		c.add(round, way, load, "broker_bytes_per_value", float64(used.traffic.Bytes)/values)
	}
	c.sayf("%-20s %-38s %9.0f values/s  p50 %-8v p99 %-8v cpu %.1f+%.1f µs a value", way, load,
		m.PerSecond(), rounded(m.P50), rounded(m.P99), microseconds(used.servers)/values,
		microseconds(used.clients)/values)
	if m.Failed > 0 {
		c.sayf("%-20s %d values were not acknowledged; the first: %s", way, m.Failed, m.FirstErr)
	}
}

func rounded(d time.Duration) time.Duration {
	if d > 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}

// sample is what was used up to a moment.
type sample struct {
	servers, clients time.Duration // of processors
	traffic          contestant.Traffic
}

func sampleOf(ctx context.Context, system contestant.System) (s sample, err error) {
	if s.traffic, err = system.Traffic(ctx); err != nil {
		return s, err
	}
	s.clients = process.Self()
	s.servers, err = processors(system.Processes())
	return s, err
}

func processors(all []*process.Process) (sum time.Duration, err error) {
	for _, p := range all {
		used, err := p.Processor()
		if err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}

func (s sample) since(before sample) sample {
	return sample{
		servers: s.servers - before.servers, clients: s.clients - before.clients,
		traffic: contestant.Traffic{
			Messages: s.traffic.Messages - before.traffic.Messages,
			Bytes:    s.traffic.Bytes - before.traffic.Bytes,
		},
	}
}
