package simulate

import (
	"encoding/binary"
	"strconv"

	"github.com/synod-log/synod/paxos"
)

// proposal is a value that the client wants chosen, named by its bytes.
type proposal struct {
	name  string
	value paxos.Value
	// held are the proposers that took it in since they started, less those that answered it with
	// anything but a slot: they have promised to see it chosen.
	held     idSet
	isOut    bool       // the client was told its slot
	isChosen bool       // it is chosen in some slot
	chosenAt [4]int     // by proposer: how often it had ticked when it was chosen first
	after    paxos.Slot // the highest slot that clients were told of before it was first proposed
}

// request is one time that a client proposes a value; a reply's number tells which.
type request struct {
	proposal int
	held     idSet // the proposers that took it in since they started
	isOwed   bool  // it must be answered though the client does not repeat it
	isTold   bool  // it was answered, with a slot or with why there is none
}

// names are those of the values that seeds propose; their ids and bytes are made once. Most of their ids
// follow each other, as the client library's do, across the end of a block of such ids; each fifth stands alone.
var names = func() (made []named) {
	for i := range 64 {
		n := makeNamed("v" + strconv.Itoa(i))
		if i%5 != 4 {
			n.client.Bytes = [16]byte{}
			binary.BigEndian.PutUint64(n.client.Bytes[8:], uint64(230+i))
		}
		made = append(made, n)
	}
	return made
}()

// named is a name with all that is made of it.
type named struct {
	name    string
	data    []byte
	client  paxos.ID
	replied paxos.ID
}

func makeNamed(name string) named {
	data := []byte(name)
	return named{name, data, paxos.ClientID(name), paxos.ReplyID("inbox", data)}
}

func lookUp(name string) named {
	for i := range names {
		if names[i].name == name {
			return names[i]
		}
	}
	return makeNamed(name)
}

// propose sends values to proposers, in one message, or in many.
func (w *World) propose(op Operation) {
	w.isFlooded = w.isFlooded || op.N > 1
	for range max(op.N, 1) {
		first := len(w.requests)
		w.values = w.values[:0]
		for _, name := range op.Args {
			w.ask(w.proposal(name, op.Mode))
		}
		w.sendProposal(w.values, first, op.Who)
	}
	w.faults[FloodedBy] += uint64(max(op.N, 1) - 1)
}

// ask adds a request for a proposal to the message that is being made.
func (w *World) ask(proposal int) {
	w.requests = append(w.requests, request{proposal: proposal})
	w.values = append(w.values, w.proposals[proposal].value)
}

// proposal returns the number of the proposal with this name, made where there is none yet.
func (w *World) proposal(name string, mode Mode) int {
	for i := range w.proposals {
		if w.proposals[i].name == name {
			return i
		}
	}
	n := lookUp(name)
	value := paxos.Value{Kind: paxos.KindValue, Data: n.data, ID: n.client}
	switch mode {
	case ReplyID:
		value.ID = n.replied
	case NoID:
		value.ID = paxos.ID{}
	}
	w.proposals = append(w.proposals, proposal{name: name, value: value, after: w.acknowledged})
	return len(w.proposals) - 1
}

// sendProposal puts values on the wires to proposers. Each proposer's worker writes its own time on them.
func (w *World) sendProposal(values []paxos.Value, first int, only ID) {
	if w.isTold(ProposeKind) {
		w.note("c1→%s propose %v", toName(only), paxos.Run{Values: values})
	}
	client := &w.workers[Client]
	for _, id := range w.present {
		if !id.isProposer() || only != None && only != id {
			continue
		}
		w.clock++
		timed := append([]paxos.Value(nil), values...)
		for i := range timed {
			timed[i].Time = w.clock
		}
		reply := paxos.Reply{Client: true, To: "c1.1", Number: uint64(first)}
		m := w.network.keep(paxos.Message{
			From: client.address, Body: &paxos.Propose{Values: timed, Reply: reply},
		})
		w.network.put(id, letter{from: Client, kind: ProposeKind, message: m})
	}
}

// noteSteps notes the proposals among what a proposer is handed, and whom a worker knows by their hellos.
func (w *World) noteSteps(k *worker, arrived []paxos.Message) {
	for i := range arrived {
		w.noteHeard(k, &arrived[i])
		switch b := arrived[i].Body.(type) {
		case *paxos.Propose:
			for n := range b.Values {
				request := &w.requests[int(b.Reply.Number)+n]
				request.held.add(k.id)
				w.proposals[request.proposal].held.add(k.id)
			}
		case *paxos.Hello:
			if arrived[i].From.Role != paxos.RoleAcceptor {
				k.knows[idOf(arrived[i].From.ID)] = b.Process
			}
		}
	}
}

// forgetSteps notes that a proposer has forgotten what it held.
func (w *World) forgetSteps(id ID) {
	for i := range w.proposals {
		w.proposals[i].held &^= 1 << id
	}
	for i := range w.requests {
		w.requests[i].held &^= 1 << id
	}
}

// onOutcome holds what a proposer answers, to several proposals where it ends alike, against what is chosen.
func (w *World) onOutcome(k *worker, o paxos.Outcome) {
	for more := o.More; more >= 0; more-- {
		w.judgeOutcome(k, o)
		o.Reply.Number++
		if o.Code == paxos.OutcomeChosen {
			o.Slot++
		}
	}
}

// judgeOutcome holds one answer against what is chosen. [faults I5]
func (w *World) judgeOutcome(k *worker, o paxos.Outcome) {
	if int(o.Reply.Number) >= len(w.requests) {
		w.violated("outcome", "%v answers what nobody asked: %+v", k.id, o)
		return
	}
	request := &w.requests[o.Reply.Number]
	request.isTold = true
	p := &w.proposals[request.proposal]
	w.noteOutcome(k, p, o)
	if o.Code != paxos.OutcomeChosen {
		p.held &^= 1 << k.id
		return
	}
	p.isOut = true
	w.acknowledged = max(w.acknowledged, o.Slot)
	chosen := w.truth.choice(o.Slot).value
	switch {
	case chosen == nil:
		w.violated("outcome", "%v answers that %s is chosen in slot %d, where nothing is", k.id, p.name, o.Slot)
	case chosen.ID != p.value.ID || string(chosen.Data) != string(p.value.Data):
		w.violated("outcome", "%v answers that %s is chosen in slot %d, where %v is", k.id, p.name, o.Slot,
			chosen)
	case o.Duplicate && p.value.ID.Kind != paxos.IDClient:
		w.violated("outcome", "%v answers that %s, without a client's id, is a duplicate", k.id, p.name)
	}
}

// repeatProposals has the client repeat all that it was not told a slot of.
func (w *World) repeatProposals() {
	for i := range w.proposals {
		if p := &w.proposals[i]; !p.isOut && p.value.ID.Kind == paxos.IDClient {
			first := len(w.requests)
			w.values = w.values[:0]
			w.ask(i)
			w.sendProposal(w.values, first, None)
		}
	}
}
