package paxos

import (
	"fmt"
	"slices"
	"strings"
)

// founding is how acceptors that start with nothing but each other's ids come to one membership, of
// which no two can ever vote. It has two steps, each durable before it is told:
//
//	adopt  having heard all founders, with the same list, an acceptor adopts the membership that they
//	       and their stores form. It adopts once.
//	vote   having heard every founder say that it adopted the same, or one say that it is free to vote
//	       (which proves it), an acceptor is free to vote.
//
// An acceptor restarted between the steps waits again.
type founding struct {
	log      string
	self     string
	store    StoreID
	founders []string // sorted, with self
	listen   int

	adopted *Membership
	tag     Tag
	free    bool

	age       int // ticks since the start
	absent    int // a founder not heard for so many ticks is taken to be away
	heard     map[string]*AcceptorHello
	heardAt   map[string]int  // age at which a founder was last heard
	confirmed map[string]bool // founders heard, since the start, to have adopted the same
	lost      *lostStore
	conflict  string // why nothing can be adopted, in words
}

// lostStore says that the log knows this acceptor by another store.
type lostStore struct {
	knownAs StoreID
	by      string
}

func newFounding(o AcceptorOptions, timing Timing) founding {
	founders := slices.Clone(o.Founders)
	if !slices.Contains(founders, o.ID) {
		founders = append(founders, o.ID)
	}
	slices.Sort(founders)
	return founding{
		log: o.Log, self: o.ID, store: o.Store, listen: timing.Listen, absent: timing.Absent,
		founders:  slices.Compact(founders),
		heard:     map[string]*AcceptorHello{},
		heardAt:   map[string]int{},
		confirmed: map[string]bool{},
	}
}

// restoreAdopted takes in the membership this acceptor adopted.
func (f *founding) restoreAdopted(m Membership) {
	f.adopted = &m
	f.tag = m.Tag(f.log)
}

// hello takes in another acceptor's hello. Those of acceptors that are not founders are not heeded;
// it returns a warning where one claims to found the log with this acceptor.
func (f *founding) hello(id string, h *AcceptorHello) (warning string) {
	if f.adopted != nil {
		if h.Membership != nil && h.Membership.Equal(*f.adopted) && f.isMember(id, h.Store) {
			f.confirmed[id] = true
			f.heard[id] = h
		}
		return ""
	}
	if !slices.Contains(f.founders, id) {
		if slices.Contains(h.Founders, f.self) {
			return f.describeOthers(id, h.Founders)
		}
		return ""
	}
	f.heard[id], f.heardAt[id] = h, f.age
	if h.Membership != nil {
		if member, ok := h.Membership.Member(f.self); ok && member.Store != f.store && f.lost == nil {
			f.lost = &lostStore{knownAs: member.Store, by: id}
		}
	}
	return ""
}

func (f *founding) describeOthers(id string, others []string) string {
	return fmt.Sprintf("acceptor %s names other members of log %s (%s) than this one (%s)",
		id, f.log, strings.Join(others, ", "), strings.Join(f.founders, ", "))
}

// forgetAbsent forgets founders that have gone away before anything was adopted.
func (f *founding) forgetAbsent() {
	for id, at := range f.heardAt {
		if f.age-at > f.absent {
			delete(f.heard, id)
			delete(f.heardAt, id)
		}
	}
}

func (f *founding) isMember(id string, store StoreID) bool {
	member, ok := f.adopted.Member(id)
	return ok && member.Store == store
}

// tick lets a tick pass and returns the membership to adopt now, or nil.
func (f *founding) tick() *Membership {
	f.age++
	if f.adopted != nil || f.lost != nil || f.age < f.listen {
		return nil
	}
	f.forgetAbsent()
	return f.formed()
}

// formed returns the membership that all founders form; nil where one was not heard, or they do not
// agree.
func (f *founding) formed() *Membership {
	f.conflict = f.findConflict()
	if f.conflict != "" || len(f.missing()) > 0 {
		return nil
	}
	m := Membership{Epoch: 1}
	for _, id := range f.founders {
		store := f.store
		if id != f.self {
			store = f.heard[id].Store
		}
		m.Members = append(m.Members, Member{ID: id, Store: store})
	}
	for id, h := range f.heard {
		if h.Membership != nil && !h.Membership.Equal(m) {
			f.conflict = fmt.Sprintf("acceptor %s belongs to another membership of log %s, %v",
				id, f.log, *h.Membership)
			return nil
		}
	}
	return &m
}

// findConflict names an acceptor that founds the log with other acceptors.
func (f *founding) findConflict() string {
	for _, id := range sortedKeys(f.heard) {
		if others := f.heard[id].Founders; !slices.Equal(others, f.founders) {
			return f.describeOthers(id, others)
		}
	}
	return ""
}

// missing returns the founders that were not heard, or of an adopted membership those not heard to
// have adopted it.
func (f *founding) missing() []string {
	var missing []string
	for _, id := range f.founders {
		isHeard := f.heard[id] != nil
		if f.adopted != nil {
			isHeard = f.confirmed[id]
		}
		if id != f.self && !isHeard {
			missing = append(missing, id)
		}
	}
	return missing
}

// mayBecomeFree reports whether every member is now known to have adopted the same membership.
func (f *founding) mayBecomeFree() bool {
	if f.adopted == nil || f.free {
		return false
	}
	for id := range f.confirmed {
		if f.heard[id].Free {
			return true
		}
	}
	return len(f.missing()) == 0
}

// mayVote reports whether a member that is free to vote may begin to, after a start: a quorum was
// heard, so that one of them could have said that this store is an old copy, or nobody said so for
// a while.
func (f *founding) mayVote() bool {
	return f.free && (len(f.confirmed)+1 >= f.adopted.Quorum() || f.age >= f.listen)
}

// otherMembers says why this acceptor cannot start with the members it was given; empty where it
// can.
func (f *founding) otherMembers() string {
	if f.adopted != nil && !slices.Equal(f.adopted.IDs(), f.founders) {
		return fmt.Sprintf("acceptor %s was started with members %s, but its store belongs to log %s with members %s: "+
			"start it with those, or with another data directory", f.self, strings.Join(f.founders, ", "),
			f.log, strings.Join(f.adopted.IDs(), ", "))
	}
	return ""
}

// refusal says that this acceptor lost its store and can never vote; empty where it did not.
func (f *founding) refusal() string {
	if f.lost == nil || f.age < f.listen {
		return ""
	}
	text := fmt.Sprintf("acceptor %s lost its store (log %s knows it as %v, this store is %v), and cannot vote: ",
		f.self, f.log, f.lost.knownAs, f.store)
	if f.isNeverFounded() {
		return text + "no acceptor has voted yet, so stop all of them, empty their data directories and start them again"
	}
	return text + "bring back its data directory if it still exists; do not empty another: " +
		"the log goes on while a quorum of the other acceptors runs"
}

// isNeverFounded reports whether every other founder was heard, and none is free to vote.
func (f *founding) isNeverFounded() bool {
	for _, h := range f.heard {
		if h.Free {
			return false
		}
	}
	return len(f.missing()) == 0
}

// waiting says what this acceptor waits for before it votes; empty where it waits for nothing.
func (f *founding) waiting() string {
	switch {
	case f.mayVote():
		return ""
	case f.lost != nil:
		return fmt.Sprintf("log %s knows acceptor %s by another store, %v", f.log, f.self, f.lost.knownAs)
	case f.free:
		return fmt.Sprintf("waiting for a quorum of log %s to say hello", f.log)
	case f.conflict != "":
		return f.conflict + ": start all acceptors with the same members"
	}
	missing := f.missing()
	if len(missing) == 0 {
		return fmt.Sprintf("founding log %s", f.log)
	}
	heard := []string{f.self}
	for _, id := range f.founders {
		if id != f.self && !slices.Contains(missing, id) {
			heard = append(heard, id)
		}
	}
	slices.Sort(heard)
	step := "found"
	if f.adopted != nil {
		step = "finish founding"
	}
	return fmt.Sprintf("waiting for %s to %s log %s (heard %s)", strings.Join(missing, ", "), step, f.log,
		strings.Join(heard, ", "))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
