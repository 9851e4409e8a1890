package paxos

import (
	"fmt"
	"slices"
	"strings"
)

// pinning is how a proposer or a learner, which is told nothing, finds the log's membership: from
// the acceptors' hellos it takes the first that a quorum of its own members says, one of them free
// to vote. It keeps that one for good.
type pinning struct {
	log    string
	pinned *Membership
	tag    Tag
	hellos map[string]acceptorSaid // of each acceptor the last hello
	count  int                     // of hellos taken in
	warned string
}

// maxHellos bounds the acceptors that are heard before one membership is pinned: past it, the one
// heard longest ago is forgotten.
const maxHellos = 2 * MaxMembers

type acceptorSaid struct {
	process Nonce
	hello   *AcceptorHello
	count   int // of hellos when it was heard
}

func newPinning(log string) pinning {
	return pinning{log: log, hellos: map[string]acceptorSaid{}}
}

// hello takes in an acceptor's hello. It returns whether a membership is newly pinned, and a
// warning where something is wrong.
func (p *pinning) hello(id string, process Nonce, h *AcceptorHello) (pinnedNow bool, warning string) {
	if p.pinned != nil {
		return false, p.once(p.stranger(id, h))
	}
	if _, ok := p.hellos[id]; !ok && len(p.hellos) >= maxHellos {
		p.forgetOldest()
	}
	p.count++
	p.hellos[id] = acceptorSaid{process: process, hello: h, count: p.count}
	if h.Membership == nil || !p.isSaidByQuorum(*h.Membership) {
		return false, ""
	}
	p.pinned, p.tag = h.Membership, h.Membership.Tag(p.log)
	return true, ""
}

func (p *pinning) forgetOldest() {
	oldest := ""
	for id, said := range p.hellos {
		if oldest == "" || said.count < p.hellos[oldest].count {
			oldest = id
		}
	}
	delete(p.hellos, oldest)
}

func (p *pinning) isSaidByQuorum(m Membership) bool {
	count, anyFree := 0, false
	for _, member := range m.Members {
		said, ok := p.hellos[member.ID]
		if !ok || said.hello.Store != member.Store || said.hello.Membership == nil ||
			!said.hello.Membership.Equal(m) {
			continue
		}
		count++
		anyFree = anyFree || said.hello.Free
	}
	return count >= m.Quorum() && anyFree
}

// stranger says what is wrong with an acceptor's hello, now that a membership is pinned.
func (p *pinning) stranger(id string, h *AcceptorHello) string {
	if h.Membership != nil && !h.Membership.Equal(*p.pinned) {
		return fmt.Sprintf("acceptor %s belongs to another membership of log %s, %v, than this worker, %v: "+
			"its messages are dropped; stop the one that is not wanted", id, p.log, *h.Membership, *p.pinned)
	}
	if member, ok := p.pinned.Member(id); ok && member.Store != h.Store {
		return fmt.Sprintf("acceptor %s runs with store %v, but log %s knows it with store %v: it does not count",
			id, h.Store, p.log, member.Store)
	}
	return ""
}

// once returns a warning unless it was the last one returned.
func (p *pinning) once(warning string) string {
	if warning == "" || warning == p.warned {
		return ""
	}
	p.warned = warning
	return warning
}

// waiting says what is missing to pin a membership; empty where one is pinned.
func (p *pinning) waiting() string {
	if p.pinned != nil {
		return ""
	}
	if len(p.hellos) == 0 {
		return "waiting for the acceptors of log " + p.log + " (heard none)"
	}
	ids := make([]string, 0, len(p.hellos))
	for id := range p.hellos {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return fmt.Sprintf("waiting for a quorum of the acceptors of log %s (heard %s)", p.log, strings.Join(ids, ", "))
}
