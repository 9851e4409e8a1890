package paxos

import "fmt"

// identity is who an acceptor is: its membership and store, which boot this is, and what it heard
// of the other members. It tells whether the acceptor may vote, and when it must stop for good.
type identity struct {
	founding
	census  census
	peers   peers
	process Nonce
	boot    uint64
	began   []uint64 // the sequence at which this boot began, then the one before, at most maxBoots
	voting  bool
	stopped bool
}

func newIdentity(o AcceptorOptions, timing Timing) identity {
	return identity{founding: newFounding(o, timing), process: o.Process}
}

// isVoting reports whether promises and votes may be given.
func (i *identity) isVoting() bool { return i.voting && !i.stopped }

// hasMember reports whether from is an acceptor of this one's membership.
func (i *identity) hasMember(from Address) bool {
	if i.adopted == nil || from.Role != RoleAcceptor {
		return false
	}
	_, ok := i.adopted.Member(from.ID)
	return ok
}

// beginBoot numbers this start, at the sequence that was restored.
func (i *identity) beginBoot(boot, began uint64) {
	i.boot = boot
	i.began = append([]uint64{began}, i.began...)
	if len(i.began) > maxBoots {
		i.began = i.began[:maxBoots]
	}
}

// adopt makes m this acceptor's membership.
func (i *identity) adopt(m Membership) {
	i.restoreAdopted(m)
	i.census = newCensus(m)
	i.peers = newPeers(m)
}

// doubts says why this process must stop, having heard that a process of its own store got to
// sequence in boot; empty where it need not. A boot below its own that it remembers whole is its
// own past.
func (i *identity) doubts(boot uint64, process Nonce, sequence uint64) string {
	isOther := process != (Nonce{}) && process != i.process
	if boot > i.boot || boot == i.boot && isOther {
		return fmt.Sprintf("acceptor %s runs twice, or from an old copy of its store (log %s heard boot %d of store %v, "+
			"this is boot %d): stop the copy, and start only the newest data directory again",
			i.self, i.log, boot, i.store, i.boot)
	}
	for back, began := range i.began {
		if boot+uint64(back) < i.boot && began < sequence {
			return fmt.Sprintf("acceptor %s has forgotten votes (its store is an old copy?): log %s heard record %d of "+
				"store %v, but boot %d began at record %d: bring back the newest data directory; do not start this one again",
				i.self, i.log, sequence, i.store, i.boot-uint64(back), began)
		}
	}
	return ""
}

// hello is what this acceptor says of its store.
func (i *identity) hello(sequence uint64) *AcceptorHello {
	return &AcceptorHello{
		Store: i.store, Boot: i.boot, Sequence: sequence, Began: i.began,
		Founders: i.founders, Membership: i.adopted, Free: i.free,
	}
}
