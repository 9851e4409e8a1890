package client

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/synod-log/synod/paxos"
)

// lagTolerated is how many slots a learner may be behind before a report calls it a fault: a
// fraction of a second of a busy log.
const lagTolerated = 10_000

// Judge makes a report of facts. It looks at nothing else, so that whoever has the facts comes to
// the same words: the command line, a worker's log, a probe.
func Judge(facts StatusFacts) StatusReport {
	j := judgement{facts: facts, report: StatusReport{
		Log: facts.Log, State: Healthy,
		Acceptors: []AcceptorStatus{}, Proposers: []ProposerStatus{}, Learners: []LearnerStatus{},
		Clients: facts.Clients,
	}}
	if facts.Blind != "" {
		j.report.State = Unseen
		j.report.Verdict = facts.Log + ": cannot be seen; " + facts.Blind
		return j.report
	}
	j.chooseMembership()
	j.judgeAcceptors()
	j.judgeProposers()
	j.judgeLearners()
	j.judgeRest()
	j.conclude()
	return j.report
}

// The states of a proposer that this package has a word of its own for.
const (
	leading  = "leading"
	standby  = "standby"
	stranger = "stranger"
)

// judgement is a report in the making.
type judgement struct {
	facts  StatusFacts
	report StatusReport

	membership *paxos.Membership  // whose votes count; nil: none is known
	tag        paxos.Tag          // its own
	rivals     []paxos.Membership // others that somebody acts in
	isFree     bool               // a member may vote: the log is founded
	leader     *ProposerFacts
	standbys   int
	faults     []string // in a few words, for the verdict
}

// fault notes something that needs attention: in a few words for the verdict, and what to do about
// it.
func (j *judgement) fault(short, next string) {
	if short != "" {
		j.faults = append(j.faults, short)
	}
	j.report.Next = append(j.report.Next, next)
	j.report.State = Degraded
}

// advise tells what to do, or what is good to know.
func (j *judgement) advise(format string, args ...any) {
	j.report.Next = append(j.report.Next, fmt.Sprintf(format, args...))
}

// chooseMembership finds the one that counts: that of a proposer that leads, else the one that most
// acceptors act in. All others that somebody acts in are its rivals.
func (j *judgement) chooseMembership() {
	var found []paxos.Membership
	add := func(m paxos.Membership) {
		if !slices.ContainsFunc(found, m.Equal) {
			found = append(found, m)
		}
	}
	for i := range j.facts.Acceptors {
		if m := j.facts.Acceptors[i].Membership; m != nil {
			add(*m)
		}
	}
	for _, m := range j.facts.Told {
		add(m)
	}
	if len(found) == 0 {
		return
	}
	slices.SortStableFunc(found, func(a, b paxos.Membership) int {
		return cmp.Or(cmp.Compare(j.weight(b), j.weight(a)),
			cmp.Compare(a.Tag(j.facts.Log).String(), b.Tag(j.facts.Log).String()))
	})
	j.membership, j.rivals = &found[0], found[1:]
	j.tag = j.membership.Tag(j.facts.Log)
	j.report.Quorum = j.membership.Quorum()
	j.report.Epoch, j.report.Tag = j.membership.Epoch, j.tag.String()
}

// weight is how much speaks for a membership.
func (j *judgement) weight(m paxos.Membership) int {
	weight := 0
	for i := range j.facts.Acceptors {
		if isMember(&j.facts.Acceptors[i], m) {
			weight++
		}
	}
	for i := range j.facts.Proposers {
		if p := &j.facts.Proposers[i]; p.IsLeading && p.Tag == m.Tag(j.facts.Log) {
			weight += paxos.MaxMembers
		}
	}
	return weight
}

// isMember reports whether an acceptor belongs to a membership, with its store and by its own
// words.
func isMember(a *AcceptorFacts, m paxos.Membership) bool {
	member, ok := m.Member(a.ID)
	return ok && member.Store == a.Store && a.Membership != nil && a.Membership.Equal(m)
}

// judgeAcceptors tells the members, heard or not, and then those that are none.
func (j *judgement) judgeAcceptors() {
	if j.membership != nil {
		for _, member := range j.membership.Members {
			j.report.Acceptors = append(j.report.Acceptors, j.judgeMember(member))
		}
	}
	for i := range j.facts.Acceptors {
		a := &j.facts.Acceptors[i]
		if j.membership != nil {
			if _, ok := j.membership.Member(a.ID); ok {
				continue
			}
		}
		state := AcceptorStranger
		if j.membership == nil {
			state = AcceptorWaiting
		}
		j.report.Acceptors = append(j.report.Acceptors, j.acceptorStatus(a, state))
	}
	for _, a := range j.report.Acceptors {
		if a.State == AcceptorVoting {
			j.report.Voting++
		}
	}
	j.report.CanLose = max(0, j.report.Voting-j.report.Quorum)
}

func (j *judgement) judgeMember(member paxos.Member) AcceptorStatus {
	at := slices.IndexFunc(j.facts.Acceptors, func(a AcceptorFacts) bool { return a.ID == member.ID })
	if at < 0 {
		state := AcceptorMissing
		if j.isForeign(member.ID) {
			state = AcceptorForeign
		}
		return j.acceptorStatus(&AcceptorFacts{ID: member.ID, Store: member.Store}, state)
	}
	a := &j.facts.Acceptors[at]
	switch {
	case a.Store != member.Store:
		return j.acceptorStatus(a, AcceptorLost)
	case a.IsTwice:
		return j.acceptorStatus(a, AcceptorTwice)
	case !isMember(a, *j.membership):
		return j.acceptorStatus(a, AcceptorStranger)
	}
	j.isFree = j.isFree || a.IsFree
	if !a.IsFree || a.Waiting != "" {
		return j.acceptorStatus(a, AcceptorWaiting)
	}
	return j.acceptorStatus(a, AcceptorVoting)
}

// isForeign reports whether an acceptor speaks, and is not understood.
func (j *judgement) isForeign(acceptor string) bool {
	from := paxos.Address{Role: paxos.RoleAcceptor, ID: acceptor}
	return slices.ContainsFunc(j.facts.Foreign, func(f ForeignFacts) bool { return f.From == from })
}

func (j *judgement) acceptorStatus(a *AcceptorFacts, state AcceptorState) AcceptorStatus {
	status := AcceptorStatus{
		ID: a.ID, State: state, Waiting: a.Waiting, Store: a.Store.String(), Boot: a.Boot,
		Promised: ballotText(a.Promised), Settled: a.Settled, Highest: a.Highest,
	}
	if ago, ok := j.facts.LastHeard[a.ID]; ok {
		milliseconds := ago.Milliseconds()
		status.LastHeard = &milliseconds
	}
	return status
}

// judgeProposers finds the leader. Of two that say they lead, the one with the lower ballot has
// not heard of the other yet.
func (j *judgement) judgeProposers() {
	for i := range j.facts.Proposers {
		p := &j.facts.Proposers[i]
		isOurs := p.Tag == j.tag || p.Tag.IsZero()
		state := p.State
		switch {
		case !isOurs:
			state = stranger
		case state == "" && p.IsLeading:
			state = leading
		case state == "":
			state = standby
		}
		j.report.Proposers = append(j.report.Proposers, ProposerStatus{
			ID: p.ID, State: state, Waiting: p.Waiting, Ballot: ballotText(p.Ballot),
			Learned: p.Learned, Held: p.Held, Flight: p.Flight,
		})
		if isOurs && state == leading && (j.leader == nil || j.leader.Ballot.Less(p.Ballot)) {
			j.leader = p
		}
		if state == standby {
			j.standbys++
		}
	}
	if j.leader != nil {
		j.report.Leader, j.report.Ballot = j.leader.ID, ballotText(j.leader.Ballot)
	}
}

// judgeLearners tells how far learners are behind what they know to be chosen. One that could not
// be asked is compared with what acceptors have settled.
func (j *judgement) judgeLearners() {
	settled := paxos.Slot(0)
	for _, a := range j.report.Acceptors {
		if a.State == AcceptorVoting {
			settled = max(settled, a.Settled)
		}
	}
	for i := range j.facts.Learners {
		l := &j.facts.Learners[i]
		status := LearnerStatus{ID: l.ID, Waiting: l.Waiting, Learned: l.Learned, Delivered: l.Delivered}
		target := l.Target
		if target == 0 {
			target, status.Delivered = settled, l.Learned
		}
		if target > status.Delivered {
			status.Lag = target - status.Delivered
		}
		j.report.Learners = append(j.report.Learners, status)
	}
}

// ballotText is a ballot as people see it, and empty where there is none.
func ballotText(ballot paxos.Ballot) string {
	if ballot.IsZero() {
		return ""
	}
	return ballot.String()
}
