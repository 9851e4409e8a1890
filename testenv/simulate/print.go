package simulate

import (
	"fmt"

	"github.com/synod-log/synod/paxos"
)

// Detail is how much is told of what happens.
type Detail uint8

// The details that Print tells.
const (
	Story      Detail = iota // what operations bring about one by one; of rounds only what comes of them
	Messages                 // of rounds, too, each message and record
	Everything               // and hellos
)

// Print has what happens from now on told in words.
func (w *World) Print(print func(line string), detail Detail) {
	w.print = func(format string, args ...any) { print(fmt.Sprintf(format, args...)) }
	w.detail = detail
}

// isTold reports whether messages of a kind, or records, are told of now.
func (w *World) isTold(kind Kind) bool {
	return w.print != nil && (w.detail == Everything || kind != HelloKind) &&
		(w.detail != Story || !w.isLapse)
}

// note tells what happens to whoever reads along.
func (w *World) note(format string, args ...any) {
	if w.print != nil {
		w.print(format, args...)
	}
}

func toName(id ID) string {
	if id == None {
		return "*"
	}
	return id.String()
}

func (w *World) noteSent(k *worker, m *paxos.Message) {
	if !w.isTold(kindOf(m.Body)) {
		return
	}
	if k.id == Twin {
		w.print("twin: %v", *m)
		return
	}
	w.print("%v", *m)
}

func (w *World) noteLost(to ID, l letter) {
	if w.isTold(l.kind) {
		m := *l.message
		m.To = w.workers[to].address
		w.print("lost: %v", m)
	}
}

// noteAllLost tells of letters lost together, each message once.
func (w *World) noteAllLost(letters []letter) {
	told := map[*paxos.Message]int{}
	for _, l := range letters {
		told[l.message]++
	}
	for _, l := range letters {
		copies := told[l.message]
		if delete(told, l.message); copies == 0 || !w.isTold(l.kind) {
			continue
		}
		if copies == 1 {
			w.print("lost: %v", *l.message)
		} else {
			w.print("lost: %v (%d copies)", *l.message, copies)
		}
	}
}

func (w *World) noteOutcome(k *worker, p *proposal, o paxos.Outcome) {
	switch {
	case w.print == nil:
	case o.Code == paxos.OutcomeChosen && o.Duplicate:
		w.print("%v→c1 %s is chosen in slot %d, duplicate", k.id, p.name, o.Slot)
	case o.Code == paxos.OutcomeChosen:
		w.print("%v→c1 %s is chosen in slot %d", k.id, p.name, o.Slot)
	default:
		w.print("%v→c1 %s: %d %s", k.id, p.name, o.Code, o.Why)
	}
}

// noteRecord tells what becomes durable.
func (w *World) noteRecord(k *worker, record paxos.Record) {
	if !w.isTold(AnyKind) {
		return
	}
	text := ""
	switch r := record.(type) {
	case *paxos.BootRecord:
		text = fmt.Sprintf("boot %d", r.Boot)
	case *paxos.AdoptedRecord:
		text = fmt.Sprintf("the membership %v", r.Membership)
	case *paxos.FreeRecord:
		text = "that it is free to vote"
	case *paxos.PromisedRecord:
		text = fmt.Sprintf("promised %v", r.Ballot)
	case *paxos.AcceptedRecord:
		text = fmt.Sprintf("accepted %v %v", r.Proposal.Ballot, r.Proposal.Run)
	case *paxos.SettledRecord:
		text = fmt.Sprintf("settled %d", r.Through)
	case *paxos.RepairedRecord:
		text = fmt.Sprintf("repaired %v", r.Run)
	}
	w.print("%v saves %s", k.id, text)
}

// show tells what the roles say of themselves.
func (w *World) show(who ID) {
	for _, id := range w.present {
		k := &w.workers[id]
		if who != None && who != id || id == Twin && k.member == Twin {
			continue
		}
		switch {
		case k.state == down:
			w.note("%v is down", id)
		case k.state == ended:
			w.note("%v has ended", id)
		case k.acceptor != nil:
			w.showAcceptor(id, k.acceptor.Status())
		case k.proposer != nil:
			w.showProposer(id, k.proposer.Status())
		case k.learner != nil:
			s := k.learner.Status()
			w.note("%v learned %d%s", id, s.Learned, waiting(s.Waiting))
		}
	}
}

func (w *World) showAcceptor(id ID, s paxos.AcceptorStatus) {
	w.note("%v promised %v settled %d highest %d%s", id, s.Promised, s.Settled, s.Highest, waiting(s.Waiting))
}

func (w *World) showProposer(id ID, s paxos.ProposerStatus) {
	text := fmt.Sprintf("%v is %s, ballot %v, learned %d", id, s.State, s.Ballot, s.Learned)
	if s.State == "leading" {
		text += fmt.Sprintf(", chosen %d", s.Chosen)
	}
	w.note("%s, holds %d%s", text, s.Held, waiting(s.Waiting))
}

func waiting(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}
