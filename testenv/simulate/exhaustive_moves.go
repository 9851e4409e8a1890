package simulate

import "github.com/synod-log/synod/paxos"

// move is one thing that happens at a moment of every order.
type move struct {
	kind   moveKind
	who    ID
	letter *sealed // of those by which a letter arrives
}

type moveKind uint8

const (
	arrives moveKind = iota
	repeats
	arrivesUnsent
	waits
	crashes
)

// mover makes moves in a world, by operations.
type mover struct {
	world *World
	hash  stateHasher
	done  []Operation // all of them, so far
}

// begin brings a world to the moment from which every order is tried: the log is founded, all know each
// other, the acceptors' hellos lie on every wire for who starts later, and each proposer holds what is
// proposed. It returns the operations.
func (b Bounds) begin(w *World) []Operation {
	m := mover{world: w}
	m.do(Operation{Verb: Deliver})
	for n := range b.Setup.Acceptors {
		m.do(Operation{Verb: Tick, Who: Acceptor(n + 1), N: 1})
	}
	m.do(Operation{Verb: Repeat, Pick: Pick{Kind: HelloKind}})
	for n := range b.Values {
		if !b.IsApart {
			m.do(Operation{Verb: Propose, Args: []string{names[n].name}})
			continue
		}
		for p := range b.Setup.Proposers {
			name := names[n*b.Setup.Proposers+p].name
			m.do(Operation{Verb: Propose, Args: []string{name}, Who: Proposer(p + 1)})
		}
	}
	m.do(Operation{Verb: Deliver, Pick: Pick{Kind: ProposeKind}})
	return m.done
}

func (m *mover) do(op Operation) {
	m.done = append(m.done, op)
	m.world.Do(op)
}

// keep does operations that were done elsewhere.
func (m *mover) keep(ops []Operation) {
	for _, op := range ops {
		m.do(op)
	}
}

// make makes a move. It reports whether it was one: a wait in which nothing is said is not, and neither is a
// crash between save and send where nothing is saved.
func (m *mover) make(v move) bool {
	k := &m.world.workers[v.who]
	said := len(m.world.network.sent)
	switch v.kind {
	case arrives:
		m.deliver(v, Deliver)
	case repeats:
		m.deliver(v, Repeat)
	case arrivesUnsent:
		m.do(Operation{Verb: Crash, Who: v.who, Mode: Unsent})
		m.deliver(v, Deliver)
		if k.state == running {
			return false
		}
		m.restart(k)
	case waits:
		if !m.wait(k) {
			return false
		}
	case crashes:
		m.do(Operation{Verb: Crash, Who: v.who})
		m.restart(k)
	}
	m.answerPulls()
	if v.kind != waits {
		m.loseHeartbeats(m.world.network.sent[said:])
	}
	return true
}

// loseHeartbeats loses, of what was said just now, a candidate's accepts without values: they only keep time.
// Those that a wait brings about are kept, for they tell what is chosen.
func (m *mover) loseHeartbeats(said []paxos.Message) {
	for i := range said {
		a, isAccept := said[i].Body.(*paxos.Accept)
		if !isAccept || !a.Run.IsEmpty() || a.Chosen > 0 {
			continue
		}
		for _, id := range m.world.present {
			for place, l := range m.world.network.wires[id] {
				if l.message.Body == said[i].Body {
					m.do(Operation{Verb: Drop, Pick: m.world.network.pickOf(id, place)})
					break
				}
			}
		}
	}
}

func (m *mover) deliver(v move, verb Verb) {
	for place, l := range m.world.network.wires[v.who] {
		if l.message == v.letter.message || m.hash.hashOf(l.message) == m.hash.hashOf(v.letter.message) {
			m.do(Operation{Verb: verb, Pick: m.world.network.pickOf(v.who, place)})
			return
		}
	}
}

// mostTicks is more ticks than a standby's patience has in a tight cluster, short of absurdly many lost
// ballots.
const mostTicks = 12

// wait lets ticks pass until the worker says something, and reports whether it does.
func (m *mover) wait(k *worker) bool {
	said := len(m.world.network.sent)
	for n := 1; n <= mostTicks; n++ {
		m.world.Do(Operation{Verb: Tick, Who: k.id, N: 1})
		for _, message := range m.world.network.sent[said:] {
			if kindOf(message.Body) != HelloKind {
				m.done = append(m.done, Operation{Verb: Tick, Who: k.id, N: n})
				m.hush(k)
				return true
			}
		}
	}
	return false
}

// hush loses the hellos that a proposer said: acceptors' hellos are all that anybody needs.
func (m *mover) hush(k *worker) {
	if k.proposer == nil && k.learner == nil {
		return
	}
	for _, id := range m.world.present {
		for _, l := range m.world.network.wires[id] {
			if l.from == k.id && l.kind == HelloKind {
				m.do(Operation{Verb: Drop, Pick: Pick{From: k.id, Kind: HelloKind}})
				return
			}
		}
	}
}

// restart starts a worker that is down. It hears all hellos of old, and all hear its own.
func (m *mover) restart(k *worker) {
	m.do(Operation{Verb: Restart, Who: k.id})
	for _, id := range m.world.present {
		if id.isAcceptor() && id != Twin && id != k.id {
			m.do(Operation{Verb: Repeat, Pick: Pick{From: id, To: k.id, Kind: HelloKind}})
		}
	}
	if k.acceptor != nil {
		m.do(Operation{Verb: Tick, Who: k.id, N: 1})
		m.do(Operation{Verb: Repeat, Pick: Pick{From: k.id, Kind: HelloKind}})
	}
	m.hush(k)
}

// answerPulls has the disks answer at once: settled values do not change.
func (m *mover) answerPulls() {
	for _, id := range m.world.present {
		if k := &m.world.workers[id]; len(k.reads) > 0 && k.state == running {
			m.do(Operation{Verb: Read})
			return
		}
	}
}

// spend notes what a move used up, and reports whether that is within bounds.
func (b Bounds) spend(u *used, v move, beginsBallot bool) bool {
	switch v.kind {
	case repeats:
		u.repeats++
	case crashes, arrivesUnsent:
		u.crashes++
	case waits:
		if !beginsBallot {
			u.waits++
			break
		}
		u.campaigns++
		u.by[v.who-firstProposer]++
		return int(u.campaigns) <= b.Campaigns && int(u.by[v.who-firstProposer]) <= b.Each
	}
	return int(u.repeats) <= b.Repeats && int(u.crashes) <= b.Crashes && int(u.waits) <= b.Waits
}

// isCandidate reports whether a worker is a proposer that asks for promises.
func (k *worker) isCandidate() bool {
	return k.proposer != nil && k.proposer.Status().State == "candidate"
}

// candidates returns the moves that a state may allow; whether they are any is seen when they are made.
func (s *search) candidates(g *global, into []move) []move {
	for i, id := range s.present {
		k := &g.locals[i].worker
		if k.state != running {
			continue
		}
		var last *sealed
		for _, l := range g.wires[i].letters {
			if l.kind == HelloKind || last != nil && last.hash == l.hash || s.IsDeaf && isOverheard(id, l) {
				continue
			}
			last = l
			into = append(into, move{arrives, id, l})
			if int(g.used.repeats) < s.Repeats {
				into = append(into, move{repeats, id, l})
			}
			if int(g.used.crashes) < s.Crashes && id.isAcceptor() {
				into = append(into, move{arrivesUnsent, id, l})
			}
		}
		if int(g.used.waits) < s.Waits || s.mayCampaign(g, k) {
			into = append(into, move{kind: waits, who: id})
		}
		if int(g.used.crashes) < s.Crashes && !id.isLearner() {
			into = append(into, move{kind: crashes, who: id})
		}
	}
	return into
}

// mayCampaign reports whether a standby may begin a ballot.
func (b Bounds) mayCampaign(g *global, k *worker) bool {
	return k.proposer != nil && k.proposer.Status().State == "standby" &&
		int(g.used.campaigns) < b.Campaigns && int(g.used.by[k.id-firstProposer]) < b.Each
}

// isOverheard reports whether a letter tells a proposer of what another proposes.
func isOverheard(id ID, l *sealed) bool {
	switch b := l.message.Body.(type) {
	case *paxos.Accept:
		return id.isProposer()
	case *paxos.Accepted:
		return id.isProposer() && b.Ballot.Proposer != id.String()
	}
	return false
}
