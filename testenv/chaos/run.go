package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
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

	isInterrupted func() bool

	mutex   sync.Mutex
	broken  []string
	skipped []string
	done    []injection
}

// Run runs a cluster for a while, and checks that all held. Its error says why it could not be run.
func Run(ctx context.Context, o Options) (Result, error) {
	dir, err := os.MkdirTemp(o.Dir, "synod-chaos-")
	if err != nil {
		return Result{}, err
	}
	r := &runner{Options: o, dir: dir, free: newResources(), history: &History{began: time.Now()}}
	r.isInterrupted = func() bool { return ctx.Err() != nil }
	r.cluster, err = newCluster(dir, o.Synod, o.Broker, r.fault)
	if err != nil {
		return Result{Dir: dir}, err
	}
	defer r.cluster.endAll()
	if err := r.cluster.startAll(); err != nil {
		return Result{Dir: dir}, err
	}
	end, err := r.run(ctx)
	if ctx.Err() != nil {
		return Result{Dir: dir}, errors.Join(ctx.Err(), r.leave())
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
		clients.Wait()
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

// fault notes that something did not hold, and says so at once. What happens once the run is
// interrupted says nothing: clients have ended, and so may have the processes.
func (r *runner) fault(format string, args ...any) {
	if r.isInterrupted() {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	text := fmt.Sprintf(format, args...)
	r.broken = append(r.broken, text)
	if len(r.broken) <= shown {
		fmt.Fprintf(r.Out, "BROKEN at %v: %s\n", r.history.now().Round(time.Millisecond), text)
	}
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

// path is a file of the run.
func (r *runner) path(name string) string { return filepath.Join(r.dir, name) }
