package compare

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/process"
	"github.com/synod-log/synod/bench/workload"
)

// followedRate is how many values a second come while many follow: what all can bear, so that the keepers'
// processor time can be compared.
const followedRate = 2000

// growthBytes is the size of the values that a log grows by.
const growthBytes = 128

// FollowingName is what results of so many followers are filed under.
func FollowingName(followers int) string {
	return fmt.Sprintf("%s, %d values/s, 128 B", counted(followers, "follower"), followedRate)
}

// LogName is what results of a log of so many values are filed under.
func LogName(values int) string { return fmt.Sprintf("log of %d values, %d B", values, growthBytes) }

// following measures what so many followers cost.
func (c *comparison) following(
	ctx context.Context, round, followers int, newSystem contestant.New,
) {
	plain := newSystem(contestant.Setup{})
	if _, ok := plain.(contestant.Follower); !ok || ctx.Err() != nil ||
		!c.wants(plain.Name(), FollowingName(followers)) {
		return
	}
	c.with(ctx, round, newSystem, func(system contestant.System) error {
		return c.follow(ctx, round, followers, system.(contestant.Follower))
	})
}

func (c *comparison) follow(
	ctx context.Context, round, followers int, system contestant.Follower,
) error {
	load := workload.Load{Kind: workload.Open, Bytes: 128, For: c.Each, Rate: followedRate}
	run, end, err := c.runner(system.Ways()[0], load)
	if err != nil {
		return err
	}
	defer end()
	stop, err := system.Follow(ctx, followers)
	if err != nil {
		return err
	}
	keepersBefore, err := processors(system.Keepers())
	if err != nil {
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
	keepers, err := processors(system.Keepers())
	if err != nil {
		return err
	}
	after, err := sampleOf(ctx, system)
	if err != nil {
		return err
	}
	if err := stop(); err != nil {
		return err
	}
	name := FollowingName(followers)
	perValue := microseconds(keepers-keepersBefore) / float64(measured.Values)
	c.add(round, system.Name(), name, "keepers_cpu_us_per_value", perValue)
	c.record(round, system.Name(), name, measured, after.since(before))
	return nil
}

// growth measures what a longer log costs.
func (c *comparison) growth(ctx context.Context, newSystem contestant.New) {
	plain := newSystem(contestant.Setup{})
	reader, ok := plain.(contestant.Reader)
	if !ok {
		return
	}
	var sizes []int
	for _, size := range slices.Sorted(slices.Values(c.LogSizes)) {
		if size <= reader.Largest() && c.wants(plain.Name(), LogName(size)) {
			sizes = append(sizes, size)
		}
	}
	if len(sizes) == 0 || ctx.Err() != nil {
		return
	}
	c.with(ctx, 1, newSystem, func(system contestant.System) error {
		return c.grow(ctx, system.(contestant.Reader), sizes)
	})
}

func (c *comparison) grow(ctx context.Context, system contestant.Reader, sizes []int) error {
	clients, err := system.Ways()[0].Connect(1)
	if err != nil {
		return err
	}
	defer clients[0].Close()
	batcher, ok := clients[0].(workload.Batcher)
	if !ok {
		return fmt.Errorf("%T cannot batch", clients[0])
	}
	filled := 0
	for _, size := range sizes {
		began := time.Now()
		if err := workload.Fill(ctx, batcher, size-filled, growthBytes, batch, streams); err != nil {
			return fmt.Errorf("filling the log to %d values: %w", size, err)
		}
		perSecond := float64(size-filled) / time.Since(began).Seconds()
		filled = size
		if err := system.Whole(ctx); err != nil {
			return err
		}
		c.add(1, system.Name(), LogName(size), "filled_values_per_s", perSecond)
		if err := c.grown(ctx, system, size); err != nil {
			return err
		}
	}
	return nil
}

// grown measures memory, a restart and reading at one length of the log.
func (c *comparison) grown(ctx context.Context, system contestant.Reader, size int) error {
	name := LogName(size)
	held, err := mostMemory(system.Keepers())
	if err != nil {
		return err
	}
	leader, err := system.Leader(ctx)
	if err != nil {
		return err
	}
	keepers := system.Keepers()
	restarted := keepers[0]
	if restarted == leader {
		restarted = keepers[1]
	}
	restarted.Kill()
	began := time.Now()
	if err := restarted.Start(); err != nil {
		return err
	}
	if err := system.Whole(ctx); err != nil {
		return err
	}
	restart := time.Since(began)
	after, err := restarted.Memory()
	if err != nil {
		return err
	}
	began = time.Now()
	read := min(size, c.ReadBack)
	if err := system.ReadBack(ctx, read, func([]byte) {}); err != nil {
		return fmt.Errorf("reading back: %w", err)
	}
	perSecond := float64(read) / time.Since(began).Seconds()
	c.add(1, system.Name(), name, "memory_mib", mebibytes(held))
	c.add(1, system.Name(), name, "memory_after_restart_mib", mebibytes(after))
	c.add(1, system.Name(), name, "restart_ms", microseconds(restart)/1000)
	c.add(1, system.Name(), name, "read_values_per_s", perSecond)
	c.sayf("%-20s %s: %.0f MiB; restarted in %v, then %.0f MiB; read back at %.0f values/s", system.Name(),
		name, mebibytes(held), rounded(restart), mebibytes(after), perSecond)
	return nil
}

// mostMemory is what the process that has the most has.
func mostMemory(all []*process.Process) (most int64, err error) {
	for _, p := range all {
		held, err := p.Memory()
		if err != nil {
			return 0, err
		}
		most = max(most, held)
	}
	return most, nil
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
