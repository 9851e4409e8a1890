package chaos

import (
	"slices"
	"time"
)

// kind is a sort of fault.
type kind struct {
	name        string
	weight      int
	aim         string // "leader", "standby", or a letter for each target: a, p, l, b, w for any worker
	least, most time.Duration
	isAlone     bool // nothing else is injected meanwhile
}

const second = time.Second

// kinds are all the faults; see inject for what each does. Those of identity are alone: the others'
// memory of an acceptor's votes is what an old copy is told by, and must not be wiped at that time
// (see the promise G6).
var kinds = []kind{
	{"kill leader", 6, "leader", 0, 3 * second, false},
	{"kill standby", 2, "standby", 0, 3 * second, false},
	{"kill two proposers", 2, "leader standby", 0, 3 * second, false},
	{"kill acceptor", 4, "a", 0, 3 * second, false},
	{"kill two acceptors", 3, "aa", 0, 3 * second, false},
	{"kill all acceptors", 2, "aaaaa", 0, second, false},
	{"kill learner", 2, "l", 0, 3 * second, false},
	{"kill broker", 4, "b", second / 2, 4 * second, false},
	{"kill all brokers", 1, "bbb", 0, second, false},
	{"stop leader", 2, "leader", 0, 2 * second, false},
	{"stop acceptor", 2, "a", 0, 2 * second, false},
	{"stop learner", 1, "l", 0, 2 * second, false},
	{"stop broker", 1, "b", second / 2, 2 * second, false},
	{"pause leader", 4, "leader", second, 5 * second, false},
	{"pause standby", 1, "standby", second, 5 * second, false},
	{"pause acceptor", 3, "a", second, 5 * second, false},
	{"pause two acceptors", 2, "aa", second, 5 * second, false},
	{"pause learner", 2, "l", 2 * second, 8 * second, false},
	{"pause broker", 3, "b", second, 5 * second, false},
	{"cut route", 3, "bb", second, 6 * second, false},
	{"cut broker off", 3, "b", second, 6 * second, false},
	{"one-way broker", 4, "b", second, 6 * second, false},
	{"cut connection", 3, "w", second / 2, 4 * second, false},
	{"one-way connection", 4, "w", second, 6 * second, false},
	{"one-way leader", 2, "leader", second, 6 * second, false},
	{"slow connection", 2, "w", 2 * second, 6 * second, false},
	{"slow learner", 2, "l", 3 * second, 8 * second, false},
	{"wiped store", 1, "a", 0, 0, true},
	{"old copy of a store", 1, "a", 0, 0, true},
	{"cloned store", 1, "a", 0, 0, true},
	{"disk full", 1, "a", 0, 0, true},
}

func kindNamed(name string) kind {
	return kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })]
}
