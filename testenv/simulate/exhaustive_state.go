package simulate

import (
	"sync"

	"github.com/synod-log/synod/paxos"
)

// global is one state of the whole world. Its parts are shared with other states: there are far fewer
// states of one worker than of the world. What is not in it is the same in all states.
type global struct {
	locals [mostWorkers]*local // in the order of World.present
	wires  [mostWorkers]*wire
	common *common
	used   used
	number uint32
}

// mostWorkers bounds the workers of a world that every order of is tried.
const mostWorkers = 8

// local is a state of one worker. It is never changed: who steps it steps a copy.
type local struct {
	worker worker
	hash   uint64
}

// wire is what is on its way to one worker: a multiset, sorted by hash, for what is sent first need not
// arrive first.
type wire struct {
	letters []*sealed
	hash    uint64
}

// sealed is a letter by its content.
type sealed struct {
	letter
	hash     uint64
	sequence uint64 // of an acceptor's hello: hellos are heard again in the order they were said
}

// common is what the world knows beside what its workers know.
type common struct {
	truth        truth
	voting       paxos.Tag
	proposals    []proposal
	requests     []request
	acknowledged paxos.Slot
	hash         uint64
}

// used is what of the bounds is used up.
type used struct {
	by        [firstLearner - firstProposer]uint8 // ballots begun by each proposer
	campaigns uint8
	waits     uint8
	crashes   uint8
	repeats   uint8
}

// hash is the sum of what tells this state from others.
func (g *global) hash(workers int) uint64 {
	sum := g.common.hash
	for i := range workers {
		sum = mix(sum ^ g.locals[i].hash)
		sum = mix(sum ^ g.wires[i].hash)
	}
	for _, n := range g.used.by {
		sum = mix(sum ^ uint64(n))
	}
	u := g.used
	return mix(sum ^ (uint64(u.campaigns) | uint64(u.waits)<<8 | uint64(u.crashes)<<16 | uint64(u.repeats)<<24))
}

// interned keeps one of each thing that has the same hash.
type interned[T any] struct {
	shards [32]struct {
		sync.RWMutex
		known map[uint64]*T
	}
}

// get returns what is known by this hash, or nil.
func (i *interned[T]) get(hash uint64) *T {
	shard := &i.shards[hash%32]
	shard.RLock()
	defer shard.RUnlock()
	return shard.known[hash]
}

// put makes one known by this hash, unless another is, and returns the one known.
func (i *interned[T]) put(hash uint64, one *T) *T {
	shard := &i.shards[hash%32]
	shard.Lock()
	defer shard.Unlock()
	if known := shard.known[hash]; known != nil {
		return known
	}
	if shard.known == nil {
		shard.known = map[uint64]*T{}
	}
	shard.known[hash] = one
	return one
}

// hashTruth adds the truth by what it says, not by the order in which its ballots were first met.
func (h *stateHasher) hashTruth(t *truth) uint64 {
	sum := uint64(len(t.ballots))
	for i := range t.ballots {
		said := mix(h.hashOf(&t.ballots[i]) ^ h.hashOf(&t.tallies[i].owner))
		sum += mix(said ^ h.hashOf(&t.tallies[i].slots))
	}
	for slot := range t.chosen {
		if c := &t.chosen[slot]; c.value != nil {
			sum = mix(sum ^ uint64(slot) ^ h.hashOf(c.value) ^ h.hashOf(&t.ballots[c.ballot]))
		}
	}
	return sum
}

func (h *stateHasher) hashCommon(c *common) uint64 {
	sum := mix(h.hashTruth(&c.truth) ^ h.hashOf(&c.voting))
	sum = mix(sum ^ h.hashOf(&c.proposals))
	sum = mix(sum ^ h.hashOf(&c.requests))
	return mix(sum ^ uint64(c.acknowledged))
}
