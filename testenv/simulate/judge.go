package simulate

import (
	"fmt"

	"github.com/synod-log/synod/paxos"
)

// Violation is a rule that was broken.
type Violation struct {
	Rule string // a letter and a number, or a word
	Text string
}

func (v *Violation) Error() string { return v.Rule + ": " + v.Text }

// violated notes the first rule that is broken.
func (w *World) violated(rule, format string, args ...any) {
	if w.violation == nil {
		w.violation = &Violation{rule, fmt.Sprintf(format, args...)}
	}
}

// judgeSent holds a message against what is durable, and against the truth.
func (w *World) judgeSent(k *worker, m *paxos.Message) {
	switch b := m.Body.(type) {
	case *paxos.Promise:
		w.judgePromise(k, m.Tag, b)
	case *paxos.Accepted:
		w.judgeVote(k, m.Tag, b)
	case *paxos.Accept:
		w.judgeProposal(k, b)
	case *paxos.Chosen:
		w.judgeOwner(k, b.Ballot)
		w.judgeChosen(k, b.Through)
	case *paxos.Prepare:
		w.judgeOwner(k, b.Ballot)
	case *paxos.Stop:
		w.judgeOwner(k, b.Ballot)
	case *paxos.Hello:
		if b.Acceptor != nil && k.disk != nil {
			w.durable(k, b.Acceptor.Boot, b.Acceptor.Sequence, "hello")
			w.durably(k, b.Ballot, b.Position, "hello")
		}
	case *paxos.Settled:
		w.judgeServed(k, b)
	case *paxos.Preempted:
		if k.disk.image.promised.Less(b.By) {
			w.violated("A6", "%v tells of its promise to %v, which is not durable", k.id, b.By)
		}
	}
}

// judgeServed holds what a disk serves as settled against what was chosen.
func (w *World) judgeServed(k *worker, s *paxos.Settled) {
	if s.Through > k.disk.image.settled {
		w.violated("A6", "%v serves through slot %d, durable is settled %d", k.id, s.Through,
			k.disk.image.settled)
	}
	for i := range s.Run.Values {
		value, chosen := &s.Run.Values[i], w.truth.choice(s.Run.First+paxos.Slot(i)).value
		if chosen == nil || value.ID != chosen.ID || !s.IDsOnly && !value.Equal(*chosen) {
			w.violated("settled", "%v serves %v in slot %d, chosen is %v", k.id, value,
				s.Run.First+paxos.Slot(i), chosen)
		}
	}
}

// durable holds a boot and a sequence told against the disk. [faults A6]
func (w *World) durable(k *worker, boot, sequence uint64, in string) {
	if boot != k.disk.image.boot || sequence > uint64(len(k.disk.records)) {
		w.violated("A6", "%v says boot %d, sequence %d in a %s, but has boot %d and %d records durable",
			k.id, boot, sequence, in, k.disk.image.boot, len(k.disk.records))
	}
}

// durably holds a promise and settled that are told against the disk. [faults A6]
func (w *World) durably(k *worker, promised paxos.Ballot, settled paxos.Slot, in string) {
	if image := &k.disk.image; image.promised.Less(promised) || image.settled < settled {
		w.violated("A6", "%v says promised %v, settled %d in a %s, durable are %v and %d", k.id, promised, settled,
			in, image.promised, image.settled)
	}
}

// judgeOwner holds a ballot against who may use it: the proposer it names, in the one process that began it.
// A process that began anew has forgotten what it proposed. [faults I9]
func (w *World) judgeOwner(k *worker, ballot paxos.Ballot) int {
	if ballot.Proposer != k.id.String() {
		w.violated("I9", "%v uses ballot %v, which is not its own", k.id, ballot)
	}
	number := w.truth.ballot(ballot)
	switch owner := &w.truth.tallies[number].owner; *owner {
	case paxos.Nonce{}:
		*owner = k.process
	case k.process:
	default:
		w.violated("I9", "%v uses ballot %v again after a restart", k.id, ballot)
	}
	return number
}

// mayVote holds a promise or vote against the founding of the log: of acceptors' stores that belong to
// several memberships, one membership alone may vote.
func (w *World) mayVote(k *worker, tag paxos.Tag) {
	if w.voting.IsZero() {
		w.voting = tag
	}
	image := &k.disk.image
	switch {
	case tag != w.voting:
		w.violated("founding", "%v votes in membership %v, others in %v", k.id, tag, w.voting)
	case !image.isFree || image.adopted == nil || w.tagOf(k.disk) != tag:
		w.violated("founding", "%v votes before it is durably free to, or in another membership", k.id)
	default:
		if member, isMember := image.adopted.Member(k.member.String()); !isMember ||
			member.Store != k.disk.store {
			w.violated("founding", "%v votes from a store that is no member's", k.id)
		}
	}
}

func (w *World) judgePromise(k *worker, tag paxos.Tag, p *paxos.Promise) {
	w.mayVote(k, tag)
	w.durable(k, p.Boot, p.Sequence, "promise")
	w.durably(k, p.Ballot, p.Settled, "promise")
	w.judgePage(k, p)
	for _, proposal := range p.Proposals {
		ballot := w.truth.ballot(proposal.Ballot)
		for i := range proposal.Run.Values {
			slot, value := proposal.Run.First+paxos.Slot(i), &proposal.Run.Values[i]
			known := w.truth.slot(ballot, slot)
			if known.value == nil || known.value != value && !known.value.Equal(*value) {
				w.violated("I2", "%v promises with %v in slot %d of ballot %v, where %v was proposed", k.id,
					value, slot, proposal.Ballot, known.value)
			}
		}
	}
}

// judgePage holds a page of a promise against what was durably accepted below its ballot: of the slots it
// covers, it leaves none out.
func (w *World) judgePage(k *worker, p *paxos.Promise) {
	image, last := &k.disk.image, p.Last
	if last == 0 {
		last = paxos.Slot(len(image.slots))
	}
	told := 0 // the proposal looked at: they come in the order of their slots
	for slot := max(p.First, image.settled+1); slot <= last; slot++ {
		accepted := image.at(slot)
		if accepted.value == nil || !accepted.ballot.Less(p.Ballot) {
			continue
		}
		for told < len(p.Proposals) && p.Proposals[told].Run.Last() < slot {
			told++
		}
		if told == len(p.Proposals) || slot < p.Proposals[told].Run.First ||
			p.Proposals[told].Ballot.Less(accepted.ballot) {
			w.violated("promise", "%v leaves %v of ballot %v in slot %d out of its promise of %v", k.id,
				accepted.value, accepted.ballot, slot, p.Ballot)
		}
	}
}

// judgeVote counts a vote, and holds what it makes chosen against all else. [faults A6, I1, I3]
func (w *World) judgeVote(k *worker, tag paxos.Tag, a *paxos.Accepted) {
	w.mayVote(k, tag)
	w.durable(k, a.Boot, a.Sequence, "vote")
	if a.Span.IsEmpty() {
		return
	}
	ballot := w.truth.ballot(a.Ballot)
	counted := &w.truth.tallies[ballot].counted[k.member]
	for slot := a.Span.First; slot <= a.Span.Last; slot++ {
		if counted[0] <= slot && slot <= counted[1] {
			continue
		}
		known := w.truth.slot(ballot, slot)
		// What it saved along may be of a higher ballot already; one that is lower, or none, was rolled back.
		isHeld := known.accepted.has(k.member) && !k.disk.image.at(slot).ballot.Less(a.Ballot)
		if !isHeld && slot > k.disk.image.settled {
			w.violated("A6", "%v votes for slot %d in %v, which is not durable", k.id, slot, a.Ballot)
			return
		}
		if known.value == nil {
			w.violated("I2", "%v votes for slot %d in %v, where nothing was proposed", k.id, slot, a.Ballot)
			return
		}
		if w.truth.vote(k.member, ballot, slot) {
			w.judgeChoice(ballot, slot)
		}
	}
	if !w.identityFault {
		*counted = [2]paxos.Slot{a.Span.First, a.Span.Last}
	}
}

// judgeProposal notes what a leader proposes, and holds it against what is chosen. [faults I2, I3]
func (w *World) judgeProposal(k *worker, a *paxos.Accept) {
	ballot := w.judgeOwner(k, a.Ballot)
	for i := range a.Run.Values {
		slot, value := a.Run.First+paxos.Slot(i), &a.Run.Values[i]
		known := w.truth.slot(ballot, slot)
		if value.Kind == paxos.KindNoop && (value.ID != paxos.ID{} || len(value.Data) > 0) {
			w.violated("no-op", "%v proposes a no-op that is not empty in slot %d of %v", k.id, slot, a.Ballot)
		}
		if known.value == nil {
			known.value = value
		} else if known.value != value && !known.value.Equal(*value) {
			w.violated("I2", "%v proposes %v and %v in slot %d of %v", k.id, known.value, value, slot,
				a.Ballot)
		}
		chosen := w.truth.choice(slot)
		if chosen.value != nil && w.truth.ballots[chosen.ballot].Less(a.Ballot) {
			w.judgeLater(slot, chosen, ballot, value)
		}
	}
	w.judgeChosen(k, a.Chosen)
}

func (w *World) judgeChosen(k *worker, through paxos.Slot) {
	if !w.truth.isChosen(through) {
		w.violated("chosen", "%v says that every slot to %d is chosen", k.id, through)
	}
}
