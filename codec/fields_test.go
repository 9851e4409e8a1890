package codec

import (
	"encoding/hex"

	"github.com/synod-log/synod/paxos"
)

// fields is the tree that the wire's table gives for a sample of any sort.
func (s sample) fields(tag paxos.Tag) tree {
	switch {
	case s.body != nil:
		return bodyFields(tree{u(1), nil, tag[:]}, s.body)
	case s.record != nil:
		return fieldsOfRecord(s.record)
	}
	list := make(tree, len(s.outcomes))
	for i, o := range s.outcomes {
		list[i] = tree{
			o.Reply.Number, uint64(o.More), uint64(o.Code), uint64(o.Slot), o.Duplicate, o.Why, uint64(o.Retry),
		}
	}
	return tree{u(1), u(13), tag[:], list}
}

// bodyFields completes an envelope, the kind in it included.
func bodyFields(envelope tree, body paxos.Body) tree {
	with := func(kind uint64, fields ...any) tree {
		envelope[1] = kind
		return append(envelope, fields...)
	}
	switch b := body.(type) {
	case *paxos.Prepare:
		return with(1, wantBallot(b.Ballot), uint64(b.First))
	case *paxos.Promise:
		return with(2, wantBallot(b.Ballot), b.Boot, b.Sequence, uint64(b.Settled), uint64(b.First),
			uint64(b.Last), proposalsFields(b.Proposals))
	case *paxos.Accept:
		reached := make(tree, len(b.Reached))
		for i, one := range b.Reached {
			reached[i] = tree{one.Boot, one.Sequence}
		}
		return with(14, wantBallot(b.Ballot), uint64(b.Chosen), reached, uint64(b.Run.First),
			wantValues(b.Run.Values))
	case *paxos.Accepted:
		return with(4, wantBallot(b.Ballot), b.Boot, b.Sequence, uint64(b.Span.First),
			uint64(b.Span.Last))
	case *paxos.Preempted:
		return with(5, wantBallot(b.Ballot), wantBallot(b.By))
	case *paxos.Stop:
		return with(6, wantBallot(b.Ballot))
	case *paxos.Pull:
		return with(7, uint64(b.First), b.IDsOnly)
	case *paxos.Settled:
		return with(8, uint64(b.Through), uint64(b.Trimmed), b.IDsOnly, uint64(b.Run.First),
			wantValues(b.Run.Values))
	case *paxos.Hello:
		return with(9, helloFieldsOf(b)...)
	case *paxos.Propose:
		instance, _ := hex.DecodeString(b.Reply.To)
		return with(10, instance, b.Reply.Number, wantValues(b.Values))
	case *paxos.Chosen:
		return with(12, wantBallot(b.Ballot), uint64(b.Through))
	}
	return nil
}

func proposalsFields(proposals []paxos.Proposal) tree {
	list := make(tree, len(proposals))
	for i, p := range proposals {
		list[i] = tree{wantBallot(p.Ballot), uint64(p.Run.First), wantValues(p.Run.Values)}
	}
	return list
}

func helloFieldsOf(h *paxos.Hello) tree {
	heard, ballot, acceptor := make(tree, len(h.Heard)), tree{}, tree{}
	for i, one := range h.Heard {
		heard[i] = tree{one.Acceptor, one.Store[:], one.Boot, one.Process[:], one.Sequence}
	}
	if !h.Ballot.IsZero() {
		ballot = wantBallot(h.Ballot)
	}
	if a := h.Acceptor; a != nil {
		began, founders, membership := tree{}, tree{}, tree{}
		for _, sequence := range a.Began {
			began = append(began, sequence)
		}
		for _, id := range a.Founders {
			founders = append(founders, id)
		}
		if a.Membership != nil {
			membership = tree{a.Membership.Epoch, membersFields(a.Membership.Members)}
		}
		acceptor = tree{a.Store[:], a.Boot, a.Sequence, began, founders, membership, a.Free}
	}
	return tree{
		h.Process[:], heard, ballot, h.Leading, h.Feeding, uint64(h.Position), uint64(h.Highest), acceptor,
	}
}

func membersFields(members []paxos.Member) tree {
	list := make(tree, len(members))
	for i, m := range members {
		list[i] = tree{m.ID, m.Store[:]}
	}
	return list
}

func fieldsOfRecord(record paxos.Record) tree {
	switch r := record.(type) {
	case *paxos.BootRecord:
		return tree{u(1), u(1), r.Boot, r.Began}
	case *paxos.AdoptedRecord:
		return tree{u(1), u(2), r.Membership.Epoch, membersFields(r.Membership.Members)}
	case *paxos.FreeRecord:
		return tree{u(1), u(3)}
	case *paxos.PromisedRecord:
		return tree{u(1), u(4), wantBallot(r.Ballot)}
	case *paxos.AcceptedRecord:
		return tree{u(1), u(5), wantBallot(r.Proposal.Ballot), uint64(r.Proposal.Run.First),
			wantValues(r.Proposal.Run.Values)}
	case *paxos.SettledRecord:
		return tree{u(1), u(6), uint64(r.Through)}
	case *paxos.RepairedRecord:
		return tree{u(1), u(7), uint64(r.Run.First), wantValues(r.Run.Values)}
	}
	return nil
}
