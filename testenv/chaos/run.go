package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Options say what a run is like.
type Options struct {
	For   time.Duration // how long faults are injected; the check in the end comes on top
	Seed  uint64        // of the plan, and of what clients send
	Rate  int           // values per second that all clients aim at together
	Dir   string        // where the run makes its directory
	Keep  bool          // keep that directory even if all held
	Synod string        // the executable of cmd/synod
	// Broker is the executable of testenv/cmd/broker.
	Broker string
	Out    io.Writer // for progress and the report
}

// Result is how a run ended.
type Result struct {
	Faults  int      // injected
	Skipped []string // why some were not
	Broken  []string // what did not hold; empty: all held
	Dir     string   // what is left of it; empty: nothing
}

// runner is a run.
type runner struct {
	Options
	dir     string
	cluster *cluster
	history *History
	load    *load
	free    *resources

	mutex   sync.Mutex
	broken  []string
	skipped []string
	done    []injection
}

// injection is a fault that was injected.
type injection struct {
	Step
	targets      []string // ids
	began, ended time.Duration
	resumed      time.Duration // from its end until something proposed afterwards was acknowledged
	err          error         // what did not hold
}

// Run runs a cluster for a while, and checks that all held. Its error says why it could not be run.
func Run(ctx context.Context, o Options) (Result, error) {
	dir, err := os.MkdirTemp(o.Dir, "synod-chaos-")
	if err != nil {
		return Result{}, err
	}
	r := &runner{Options: o, dir: dir, free: newResources(), history: &History{began: time.Now()}}
	r.cluster, err = newCluster(dir, o.Synod, o.Broker, r.fault)
	if err != nil {
		return Result{Dir: dir}, err
	}
	defer r.cluster.endAll()
	if err := r.cluster.startAll(); err != nil {
		return Result{Dir: dir}, err
	}
	end, err := r.run(ctx)
	if err != nil && ctx.Err() != nil {
		return Result{Dir: dir}, ctx.Err()
	}
	if err != nil {
		r.fault("%v", err)
	}
	r.cluster.endAll()
	r.report(end)
	result := Result{Faults: len(r.done), Skipped: r.skipped, Broken: r.broken, Dir: dir}
	if len(r.broken) > 0 {
		return result, r.leave()
	}
	if !o.Keep {
		result.Dir = ""
		return result, os.RemoveAll(dir)
	}
	return result, r.leave()
}

// run injects the plan under load, heals everything and checks.
func (r *runner) run(ctx context.Context) (ending, error) {
	r.load = &load{history: r.history, rate: r.Rate, urls: r.cluster.urls, seed: r.Seed}
	defer r.load.close()
	loading, stopLoad := context.WithCancel(ctx)
	defer stopLoad()
	var clients sync.WaitGroup
	if err := r.load.begin(loading, &clients); err != nil {
		return ending{}, err
	}
	reading := &readers{load: r.load, synod: r.Synod, fault: r.fault,
		random: rand.New(rand.NewPCG(r.Seed, 2))}
	if err := reading.begin(loading, &clients); err != nil {
		return ending{}, err
	}
	watching, stopWatch := context.WithCancel(ctx)
	defer stopWatch()
	go r.watch(watching)
	r.injectAll(ctx)
	if ctx.Err() != nil {
		return ending{}, ctx.Err()
	}
	e, err := r.healAndProgress()
	stopLoad()
	clients.Wait()
	stopWatch()
	if err != nil {
		return e, err
	}
	return e, r.check(&e)
}

// injectAll injects the plan. A step waits for what it needs, should an earlier one still have it.
func (r *runner) injectAll(ctx context.Context) {
	began := r.history.now()
	var running sync.WaitGroup
	defer running.Wait()
	for _, step := range Plan(r.Seed, r.For) {
		if !isPaused(ctx, began+step.At-r.history.now()) {
			return
		}
		needed := step.resources()
		r.free.take(needed)
		running.Go(func() {
			defer r.free.giveBack(needed)
			r.injectOne(step)
		})
	}
	isPaused(ctx, began+r.For-r.history.now())
}

// injectOne injects a step, and waits until the log goes on.
func (r *runner) injectOne(step Step) {
	i := injection{Step: step}
	i.targets, i.err = r.resolve(step.Targets)
	i.began = r.history.now()
	if i.err == nil {
		i.err = r.inject(step, i.targets)
	}
	i.ended = r.history.now()
	if why := (skipped{}); errors.As(i.err, &why) {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		if !slices.Contains(r.skipped, why.Error()) {
			r.skipped = append(r.skipped, why.Error())
		}
		return
	}
	if i.err == nil {
		i.resumed, i.err = r.awaitProgress()
	}
	if i.err != nil {
		r.fault("%v, at %v: %v", step, i.began.Round(time.Millisecond), i.err)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.done = append(r.done, i)
}

// awaitProgress waits until something that is proposed from now on is acknowledged, and tells how long
// that took. Clients propose all the time; those that wait for an answer may have proposed before.
func (r *runner) awaitProgress() (time.Duration, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for ctx.Err() == nil {
		if r.load.proposeAll(ctx, "prober", 1, 0) {
			return time.Since(began), nil
		}
	}
	return 0, fmt.Errorf("nothing is acknowledged %v after it ended", patience)
}

// fault notes that something did not hold, and says so at once.
func (r *runner) fault(format string, args ...any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	text := fmt.Sprintf(format, args...)
	r.broken = append(r.broken, text)
	fmt.Fprintf(r.Out, "BROKEN at %v: %s\n", r.history.now().Round(time.Millisecond), text)
}

// watch tells how the run goes, and keeps an eye on memory.
func (r *runner) watch(ctx context.Context) {
	const every, lines = 2 * time.Second, 5
	before := 0
	for n := 1; isPaused(ctx, every); n++ {
		for _, m := range r.cluster.members {
			m.noteMemory()
		}
		if n%lines != 0 {
			continue
		}
		count, highest := r.history.acknowledged()
		r.mutex.Lock()
		fmt.Fprintf(r.Out, "%4d s: %d acknowledged (%d/s), slot %d, %d faults injected, %d broken\n",
			int(r.history.now().Seconds()), count, (count-before)*int(time.Second)/int(every*lines), highest,
			len(r.done), len(r.broken))
		r.mutex.Unlock()
		before = count
	}
}

// resources are what steps need for themselves, by name.
type resources struct {
	mutex   sync.Mutex
	changed *sync.Cond
	taken   map[string]bool
}

func newResources() *resources {
	r := &resources{taken: make(map[string]bool)}
	r.changed = sync.NewCond(&r.mutex)
	return r
}

// take waits until all that is needed is free, and takes it. Everything is free when nothing is taken.
func (r *resources) take(needed []string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for !r.areFree(needed) {
		r.changed.Wait()
	}
	for _, name := range needed {
		r.taken[name] = true
	}
}

func (r *resources) areFree(needed []string) bool {
	if slices.Contains(needed, everything) {
		return len(r.taken) == 0
	}
	isTaken := func(name string) bool { return r.taken[name] }
	return !r.taken[everything] && !slices.ContainsFunc(needed, isTaken)
}

func (r *resources) giveBack(needed []string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, name := range needed {
		delete(r.taken, name)
	}
	r.changed.Broadcast()
}

// path is a file of the run.
func (r *runner) path(name string) string { return filepath.Join(r.dir, name) }
