package link

import "github.com/synod-log/synod/paxos"

// cut makes, of a message that is larger than the broker takes, smaller ones that say the same, or the
// first part of it where the rest will be asked for. It returns none where there is nothing to cut: one
// value travels whole.
//
// The roles bound what they send without knowing the broker, which may be another after each reconnect.
func cut(m paxos.Message) []paxos.Message {
	switch body := m.Body.(type) {
	case *paxos.Accept:
		return cutAccept(m, body)
	case *paxos.Promise:
		if part, ok := cutPromise(*body); ok {
			m.Body = part
			return []paxos.Message{m}
		}
	case *paxos.Settled:
		if run := firstHalf(body.Run); !run.IsEmpty() {
			part := *body
			part.Run = run
			m.Body = &part
			return []paxos.Message{m}
		}
	}
	return nil
}

// cutAccept proposes the two halves of a run one after the other: a leader may choose its runs freely.
func cutAccept(m paxos.Message, body *paxos.Accept) []paxos.Message {
	run := firstHalf(body.Run)
	if run.IsEmpty() {
		return nil
	}
	first, second := *body, *body
	first.Run, second.Run = run, body.Run.From(run.Last()+1)
	one, other := m, m
	one.Body, other.Body = &first, &second
	return []paxos.Message{one, other}
}

// cutPromise makes the page end where the first half of its values ends.
func cutPromise(body paxos.Promise) (*paxos.Promise, bool) {
	count, size := 0, 0
	for _, proposal := range body.Proposals {
		count += len(proposal.Run.Values)
		size += proposal.Run.Size()
	}
	if count < 2 {
		return nil, false
	}
	var kept []paxos.Proposal
	left := size / 2
	for i, proposal := range body.Proposals {
		run := proposal.Run.Fitting(left, i == 0)
		if run.IsEmpty() {
			break
		}
		kept = append(kept, paxos.Proposal{Ballot: proposal.Ballot, Run: run})
		body.Last = run.Last()
		left -= run.Size()
		if len(run.Values) < len(proposal.Run.Values) {
			break
		}
	}
	body.Proposals = kept
	return &body, true
}

// firstHalf is the first values of a run, of about half its size; none where it has but one.
func firstHalf(run paxos.Run) paxos.Run {
	if len(run.Values) < 2 {
		return paxos.Run{}
	}
	return run.Fitting(run.Size()/2, true)
}
