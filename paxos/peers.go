package paxos

import "slices"

// peers is what a worker knows of where its membership's acceptors are in the log. It decides
// nothing but whom to ask, and whether to wait.
type peers struct {
	list []peer
}

type peer struct {
	id      string
	settled Slot
	heard   int // tick at which it was last heard; −1: never
}

func newPeers(m Membership) peers {
	p := peers{}
	for _, id := range m.IDs() {
		p.list = append(p.list, peer{id: id, heard: -1})
	}
	return p
}

// hear notes that the acceptor was heard at tick now to have settled through slot.
func (p *peers) hear(id string, settled Slot, now int) {
	for i := range p.list {
		if p.list[i].id == id {
			p.list[i].heard = now
			p.list[i].settled = max(p.list[i].settled, settled)
		}
	}
}

// since returns the acceptors that were heard at tick since or later.
func (p *peers) since(since int) []peer {
	heard := make([]peer, 0, len(p.list))
	for _, one := range p.list {
		if one.heard >= max(since, 0) {
			heard = append(heard, one)
		}
	}
	return heard
}

// settledSince returns the highest slot settled by an acceptor that was heard at tick since or
// later.
func (p *peers) settledSince(since int) Slot {
	highest := Slot(0)
	for i := range p.list {
		if p.list[i].heard >= max(since, 0) {
			highest = max(highest, p.list[i].settled)
		}
	}
	return highest
}

// lastHeard tells how long before tick now each was heard, those never heard left out.
func (p *peers) lastHeard(now int) []LastHeard {
	all := make([]LastHeard, 0, len(p.list))
	for _, one := range p.list {
		if one.heard >= 0 {
			all = append(all, LastHeard{Acceptor: one.id, Ticks: now - one.heard})
		}
	}
	return all
}

// puller decides when to ask for settled values, and whom. What lasts is pulled from one acceptor,
// then from another.
type puller struct {
	patience int  // ticks without progress before it asks
	target   Slot // highest slot heard to be chosen or settled
	position Slot // at the last tick
	waited   int
	turn     int
}

// hint says that slot is chosen or settled somewhere.
func (p *puller) hint(slot Slot) { p.target = max(p.target, slot) }

// tick tells where the worker is, and reports whether it is time to ask an acceptor.
func (p *puller) tick(position Slot) bool {
	if position > p.position || position >= p.target {
		p.position, p.waited = position, 0
		return false
	}
	p.waited++
	if p.waited < p.patience {
		return false
	}
	p.waited = 0
	return true
}

// choose takes turns among the acceptors that can serve the slot after position; among all where
// none is known to.
func (p *puller) choose(position Slot, from []peer, self string) (string, bool) {
	from = slices.DeleteFunc(from, func(one peer) bool { return one.id == self })
	able := slices.DeleteFunc(slices.Clone(from), func(one peer) bool { return one.settled <= position })
	if len(able) == 0 {
		able = from
	}
	if len(able) == 0 {
		return "", false
	}
	p.turn++
	return able[p.turn%len(able)].id, true
}
