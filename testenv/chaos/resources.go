package chaos

import (
	"slices"
	"sync"
)

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

// take waits until all that is needed is free, and takes it. Everything is free when nothing is
// taken.
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
