package simulate

import (
	"slices"

	"github.com/synod-log/synod/paxos"
)

// network holds what is on its way, a wire for each receiver, in the order sent.
type network struct {
	wires  [ids][]letter
	deaf   [ids]idSet // whom a worker does not hear
	sent   []paxos.Message
	onWire int
}

// letter is a message on its way to one receiver. All receivers of a message share it.
type letter struct {
	from    ID
	kind    Kind
	message *paxos.Message
}

// idSet is a set of workers.
type idSet uint32

func (s idSet) has(id ID) bool { return s&(1<<id) != 0 }
func (s *idSet) add(id ID)     { *s |= 1 << id }

func (n *network) reset() {
	for i := range n.wires {
		n.wires[i] = n.wires[i][:0]
		n.deaf[i] = 0
	}
	n.sent = n.sent[:0]
	n.onWire = 0
}

// keep copies a message to where it stays for as long as the world does.
func (n *network) keep(m paxos.Message) *paxos.Message {
	n.sent = append(n.sent, m)
	return &n.sent[len(n.sent)-1]
}

// mostOnWire bounds a wire; what is the oldest on a full one is lost.
const mostOnWire = 120

func (n *network) put(to ID, l letter) {
	if n.deaf[to].has(l.from) {
		return
	}
	if len(n.wires[to]) >= mostOnWire {
		n.take(to, 0)
	}
	n.wires[to] = append(n.wires[to], l)
	n.onWire++
}

// take removes and returns the letter at a place of a wire.
func (n *network) take(to ID, place int) letter {
	l := n.wires[to][place]
	n.wires[to] = slices.Delete(n.wires[to], place, place+1)
	n.onWire--
	return l
}

// takeAll moves the letters of a wire that match into a slice.
func (n *network) takeAll(to ID, pick Pick, into []letter) []letter {
	wire := n.wires[to]
	kept := wire[:0]
	for _, l := range wire {
		if pick.matches(l) {
			into = append(into, l)
		} else {
			kept = append(kept, l)
		}
	}
	n.onWire -= len(wire) - len(kept)
	n.wires[to] = kept
	return into
}

// find returns the place on a wire of the nth letter that matches.
func (n *network) find(to ID, pick Pick) (int, bool) {
	nth := pick.Nth
	for place, l := range n.wires[to] {
		if pick.matches(l) {
			if nth--; nth == 0 {
				return place, true
			}
		}
	}
	return 0, false
}

// pickOf returns the pick that finds the letter at this place.
func (n *network) pickOf(to ID, place int) Pick {
	from, nth := n.wires[to][place].from, 1
	for _, l := range n.wires[to][:place] {
		if l.from == from {
			nth++
		}
	}
	return Pick{From: from, To: to, Nth: nth}
}

func (p Pick) matches(l letter) bool {
	return (p.From == None || p.From == l.from) && (p.Kind == AnyKind || p.Kind == l.kind)
}

// partition makes workers of different sides deaf to each other. Workers on no side hear all.
func (n *network) partition(words []string) {
	side, sides := 0, [ids]int{}
	for _, word := range words {
		if word == "/" {
			side++
		} else if id, err := parseID(word); err == nil {
			sides[id] = side + 1
		}
	}
	for a := range sides {
		for b := range sides {
			if sides[a] != 0 && sides[b] != 0 && sides[a] != sides[b] {
				n.deaf[a].add(ID(b))
			}
		}
	}
}

func (n *network) heal() { n.deaf = [ids]idSet{} }
