package chaos

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/synod-log/synod/testenv/process"
	"github.com/synod-log/synod/testenv/proxy"
)

// patience is how long the run waits for what should take a second or two before it calls it a
// fault. It is generous: several runs may share a small machine.
const patience = 2 * time.Minute

// poll is how often it looks.
const poll = 50 * time.Millisecond

// member is a process of the cluster, a worker or a broker, which may be started many times.
// Whoever holds it in the plan (see resources) is the only one to start and end it.
type member struct {
	id      string // its first letter tells the role: a, p, l, or b for a broker
	dir     string
	binary  string
	args    []string
	proxies []*proxy.Proxy // to each broker it knows; none for a broker
	fault   func(format string, args ...any)

	mutex   sync.Mutex
	starts  int
	run     *run
	printed []printed // of a learner: what each start wrote
	peak    int64     // bytes of memory
}

// run is one start of a member.
type run struct {
	*process.Child
	mayEnd atomic.Bool // somebody ends it, or it has a reason to end by itself
}

// printed is a file that a learner prints to, from a slot on.
type printed struct {
	file string
	from uint64
}

// start starts the member, with more arguments if any are given, and watches that it does not end
// by itself. A broker's port may be taken for a moment, by a connection of somebody else.
func (m *member) start(more ...string) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		r, err := m.startOnce(more)
		if err != nil {
			return err
		}
		if m.id[0] == 'b' {
			err = r.AwaitTalk("listening at", patience)
		}
		isTaken := err != nil && strings.Contains(err.Error(), "address already in use")
		if isTaken && time.Now().Before(deadline) {
			continue
		}
		go m.watch(r)
		return err
	}
}

func (m *member) startOnce(more []string) (*run, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.starts++
	child, err := process.StartChild(m.dir, fmt.Sprintf("%s.%d", m.id, m.starts), m.binary,
		slices.Concat(m.args, more)...)
	if err != nil {
		return nil, err
	}
	m.run = &run{Child: child}
	return m.run, nil
}

// watch waits until a start has ended, and tells of one that nobody ended.
func (m *member) watch(r *run) {
	<-r.Ended()
	if !r.mayEnd.Load() {
		code, _ := r.AwaitExit(patience) // it has
		m.fault("%s ended by itself with exit code %d; it said\n%s", r.Name(), code, r.Tail())
	}
}

// current is the latest start.
func (m *member) current() *run {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.run
}

// kill ends the member as kill -9 does.
func (m *member) kill() {
	r := m.current()
	r.mayEnd.Store(true)
	m.noteMemory()
	r.Kill()
}

// stop asks the member to end, which it must do in order.
func (m *member) stop() error {
	r := m.current()
	if !r.IsRunning() {
		return nil
	}
	m.noteMemory()
	r.mayEnd.Store(true)
	if err := r.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	code, err := r.AwaitExit(patience)
	if err != nil {
		r.Kill()
		return fmt.Errorf("asked to stop, %w", err)
	}
	if code != 0 {
		return fmt.Errorf("%s was asked to stop and ended with exit code %d; it said\n%s",
			r.Name(), code, r.Tail())
	}
	return nil
}

// requireRefusal waits until the member has ended by itself, with exit code 1 and one of the texts
// in what it said.
func (m *member) requireRefusal(texts ...string) error {
	r := m.current()
	code, err := r.AwaitExit(patience)
	if err != nil {
		r.mayEnd.Store(true)
		r.Kill()
		return fmt.Errorf("must refuse to run, and %w; it said\n%s", err, r.Tail())
	}
	talk := r.Talk()
	for _, text := range texts {
		if code == 1 && strings.Contains(talk, text) {
			return nil
		}
	}
	return fmt.Errorf("%s ended with exit code %d, want 1, and one of %q in what it said:\n%s",
		r.Name(), code, texts, r.Tail())
}

// noteMemory keeps the most memory that any start of the member has had.
func (m *member) noteMemory() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.run != nil {
		m.peak = max(m.peak, m.run.PeakMemory())
	}
}
