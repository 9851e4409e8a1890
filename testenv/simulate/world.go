package simulate

import "github.com/synod-log/synod/paxos"

// World is workers, a network and disks, and what is true of them. It is changed by Do alone.
type World struct {
	setup   Setup
	salt    uint64 // makes the nonces of one world differ from those of another
	workers [ids]worker
	present []ID
	network network
	truth   truth
	voting  paxos.Tag // the membership that votes; zero: none did yet

	proposals    []proposal
	requests     []request  // by the number of their reply
	acknowledged paxos.Slot // the highest slot that a client was told of
	clock        int64      // raised with each proposal sent, so that no two copies have the same time

	faults        Faults // counted over all worlds in this memory
	isFlooded     bool   // limits are judged at each step
	identityFault bool   // a store was wiped, copied or rolled back: acceptors may stop
	founded       paxos.Membership
	tag           paxos.Tag

	violation *Violation
	print     func(format string, args ...any) // nil: nobody reads along
	detail    Detail
	isLapse   bool // a round passes, of which not everything may be told

	batch   []paxos.Message
	values  []paxos.Value
	letters []letter
	hasher  stateHasher
}

// logName is the log that every world agrees on.
const logName = "main"

// NewWorld returns a world of which every worker has started and nothing has arrived yet.
func NewWorld(setup Setup, salt uint64) *World {
	w := &World{}
	w.Reset(setup, salt)
	return w
}

// Reset begins another world in the memory of this one.
func (w *World) Reset(setup Setup, salt uint64) {
	w.setup, w.salt = setup, salt
	w.network.reset()
	w.truth.reset(setup.Acceptors/2 + 1)
	w.proposals, w.requests, w.clock = w.proposals[:0], w.requests[:0], 0
	w.voting, w.identityFault, w.isFlooded, w.violation = paxos.Tag{}, false, false, nil
	w.acknowledged = 0
	w.present = w.present[:0]
	for i := range w.workers {
		w.workers[i].reset(ID(i))
	}
	w.founded, w.tag = memberships[setup.Acceptors], foundedTags[setup.Acceptors]
	w.populate(firstAcceptor, setup.Acceptors)
	w.populate(firstProposer, setup.Proposers)
	w.populate(firstLearner, setup.Learners)
	w.workers[Twin].disk = w.workers[Twin].own
	w.present = append(w.present, Twin)
}

func (w *World) populate(first ID, count int) {
	for id := first; id < first+ID(count); id++ {
		k := &w.workers[id]
		w.present = append(w.present, id)
		if id.isAcceptor() {
			k.disk = k.own
			k.disk.reset(storeOf(id))
			if !w.setup.Founding {
				k.disk.append(&paxos.BootRecord{Boot: 1})
				k.disk.append(&paxos.AdoptedRecord{Membership: w.founded})
				k.disk.append(&paxos.FreeRecord{})
			}
		}
	}
	for id := first; id < first+ID(count); id++ {
		w.start(&w.workers[id])
	}
}

// storeOf is the store that an acceptor has at first.
func storeOf(id ID) paxos.StoreID { return paxos.StoreID{0xa0 + byte(id)} }

func membership(acceptors int) paxos.Membership {
	m := paxos.Membership{Epoch: 1}
	for id := firstAcceptor; id < firstAcceptor+ID(acceptors); id++ {
		m.Members = append(m.Members, paxos.Member{ID: id.String(), Store: storeOf(id)})
	}
	return m
}

// memberships are those that worlds begin with, by number of acceptors; foundedTags are their tags, and
// founders their acceptors' ids.
var memberships, foundedTags, founders = func() (ms [firstProposer]paxos.Membership,
	tags [firstProposer]paxos.Tag, founders [firstProposer][]string,
) {
	for n := range tags {
		ms[n] = membership(n)
		tags[n] = ms[n].Tag(logName)
		founders[n] = ms[n].IDs()
	}
	return ms, tags, founders
}()

func tagOf(m paxos.Membership) paxos.Tag {
	if n := len(m.Members); m.Equal(memberships[n]) {
		return foundedTags[n]
	}
	return m.Tag(logName)
}

// tagOf is the tag of the membership that a disk belongs to. Where nothing unusual happened to stores, that
// is the one they founded.
func (w *World) tagOf(d *disk) paxos.Tag {
	if !w.identityFault {
		return w.tag
	}
	return tagOf(*d.image.adopted)
}

// Violation returns the first rule that was broken, or nil.
func (w *World) Violation() *Violation { return w.violation }

// Do carries out an operation. One that means nothing in this world does nothing.
func (w *World) Do(op Operation) {
	defer w.onPanic()
	switch op.Verb {
	case Propose:
		w.propose(op)
	case Deliver, Batch, Drop, Repeat, Stray:
		w.arrive(op)
	case Tick, Rounds, Saved, Read, Settle, Drained, Show:
		w.pass(op)
	case Partition:
		w.faults[Partitioned]++
		w.network.partition(op.Args)
	case Cut:
		w.faults[CutOff]++
		w.network.deaf[op.Pick.To].add(op.Pick.From)
	case Flood:
		w.flood(op)
	case Heal:
		w.network.heal()
	default:
		w.happen(op)
	}
}

// pass does the operations by which time passes.
func (w *World) pass(op Operation) {
	switch op.Verb {
	case Tick:
		for range max(op.N, 1) {
			w.tick(op.Who)
		}
	case Rounds:
		for range max(op.N, 1) {
			w.round()
		}
	case Saved:
		w.endSaves(op.Who)
	case Read:
		w.read(op.Who)
	case Settle:
		w.settle(op.N, op.Mode)
	case Drained:
		w.drain(op.N)
	case Show:
		w.show(op.Who)
	}
}

// happen does the operations that befall one worker.
func (w *World) happen(op Operation) {
	k := &w.workers[op.Who]
	switch op.Verb {
	case Crash:
		w.doom(k, op)
	case Restart:
		w.restart(k)
	case Pause:
		if k.state == running {
			w.faults[Paused]++
			k.state = paused
		}
	case Slow:
		k.isSlow = k.disk != nil
	case Quick:
		w.quicken(op.Who)
	case Members:
		w.mislead(k, op.Args)
	case Resume:
		w.resume(k)
	case Leave:
		if k.state == running && k.proposer != nil {
			w.carryOut(k, k.proposer.Leave())
			k.state = down
		}
	case Wipe, Copy, Rollback:
		w.befallStore(k, op)
	case Fenced:
		w.judgeFenced(k)
	}
}

// tick lets a tick pass for one worker, or for all.
func (w *World) tick(who ID) {
	for _, id := range w.present {
		if k := &w.workers[id]; k.state == running && (who == None || who == id) {
			k.ticks++
			w.carryOut(k, k.role.Tick())
		}
	}
}

// mostHops bounds how often what arrives may be answered within one round.
const mostHops = 12

// round is a tick for all, then all messages arrive, and what they bring about, until there are none.
func (w *World) round() {
	w.isLapse = true
	defer func() { w.isLapse = false }()
	w.tick(None)
	for range mostHops {
		for _, id := range w.present {
			w.deliverAll(id, Pick{})
		}
		w.endSaves(None)
		w.read(None)
		if w.network.onWire == 0 {
			break
		}
	}
}

// read has one pull answered from one acceptor's disk, or all pulls from all disks.
func (w *World) read(who ID) {
	for _, id := range w.present {
		k := &w.workers[id]
		if k.disk == nil || who != None && who != id {
			continue
		}
		for len(k.reads) > 0 && k.state == running {
			read := k.reads[0]
			k.reads = k.reads[:copy(k.reads, k.reads[1:])]
			w.send(k, paxos.Message{
				From: k.address, To: read.To, Tag: k.tag,
				Body: k.disk.read(read, w.setup.limits().Page),
			})
			if who != None {
				return
			}
		}
	}
}
