package client

import (
	"fmt"
	"strings"
	"time"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// missing lists the members that do not count, each with why: "; missing a2 (last heard 41 s ago)".
func (j *judgement) missing() string {
	var all []string
	for _, a := range j.report.Acceptors {
		if why := whyNot(a); why != "" && j.isMemberID(a.ID) {
			all = append(all, a.ID+" ("+why+")")
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "; missing " + strings.Join(all, ", ")
}

func (j *judgement) isMemberID(id string) bool {
	_, ok := j.membership.Member(id)
	return ok
}

func whyNot(a AcceptorStatus) string {
	switch a.State {
	case AcceptorVoting:
		return ""
	case AcceptorMissing:
		if a.LastHeard == nil {
			return "never"
		}
		return "last heard " + Ago(time.Duration(*a.LastHeard)*time.Millisecond)
	case AcceptorLost:
		return "lost its store"
	case AcceptorTwice:
		return "runs twice"
	case AcceptorStranger:
		return "in another membership"
	case AcceptorForeign:
		return "not understood"
	}
	return "does not vote yet"
}

// adviseAcceptors says what to do about the members that do not count.
func (j *judgement) adviseAcceptors() {
	var away []string
	for _, a := range j.report.Acceptors {
		switch member, isMember := j.membership.Member(a.ID); {
		case !isMember:
		case a.State == AcceptorMissing:
			away = append(away, a.ID)
		case a.State == AcceptorLost:
			j.advise("%s runs with store %s, but the log knows it with store %s: bring back the data "+
				"directory that it had; an emptied one never votes again", a.ID, a.Store, member.Store)
		case a.State == AcceptorTwice:
			j.advise("two processes run as acceptor %s: stop the one with the older copy of its "+
				"data directory", a.ID)
		case a.State == AcceptorWaiting && a.Waiting != "":
			j.advise("%s: %s", a.ID, a.Waiting)
		}
	}
	switch len(away) {
	case 0:
	case 1:
		j.advise("start %s again with the data directory that it had, "+
			"or see whether it reaches NATS", away[0])
	default:
		j.advise("start %s again, each with the data directory that it had, "+
			"or see whether they reach NATS", enumerate(away))
	}
}

// enumerate is "a1, a2 and a3".
func enumerate(ids []string) string {
	if len(ids) < 2 {
		return strings.Join(ids, "")
	}
	last := len(ids) - 1
	return strings.Join(ids[:last], ", ") + " and " + ids[last]
}

// judgeRest notes what is wrong beside acceptors and leader.
func (j *judgement) judgeRest() {
	for _, rival := range j.rivals {
		j.fault("a second membership", fmt.Sprintf("log %s has two memberships, %v (epoch %d) and "+
			"%v (epoch %d): stop the acceptors of the one that is not wanted", j.facts.Log,
			j.membership, j.membership.Epoch, rival, rival.Epoch))
	}
	for _, a := range j.report.Acceptors {
		if a.State == AcceptorStranger && !j.isMemberID(a.ID) && len(j.rivals) == 0 {
			j.fault("acceptor "+a.ID+" is no member", fmt.Sprintf("acceptor %s is no member of log %s, and "+
				"does not vote: stop it, or start it with the log that it belongs to", a.ID, j.facts.Log))
		}
	}
	for i := range j.facts.Proposers {
		j.judgeTwice("proposer", j.facts.Proposers[i].ID, j.facts.Proposers[i].IsTwice)
	}
	for i := range j.facts.Learners {
		j.judgeTwice("learner", j.facts.Learners[i].ID, j.facts.Learners[i].IsTwice)
	}
	for _, l := range j.report.Learners {
		if l.Lag >= lagTolerated {
			j.fault(fmt.Sprintf("learner %s is %d slots behind", l.ID, l.Lag), fmt.Sprintf(
				"learner %s delivered through slot %d and knows of %d more: see what its consumer waits for",
				l.ID, l.Delivered, l.Lag))
		}
	}
	for _, f := range j.facts.Foreign {
		name := link.RoleName(f.From.Role) + " " + f.From.ID
		short := name + " is not understood"
		if f.From.Role == paxos.RoleAcceptor && j.membership != nil && j.isMemberID(f.From.ID) {
			short = "" // it is among the missing
		}
		j.fault(short, name+" is not understood: "+f.Why)
	}
	for _, c := range j.facts.Captures {
		j.fault("stream "+c.Stream+" answers in its place", fmt.Sprintf("JetStream stream %s captures "+
			"%s and answers there before Synod does: an answer without a slot acknowledges nothing; "+
			"take that subject out of the stream", c.Stream, c.Subject))
	}
}

func (j *judgement) judgeTwice(role, id string, isTwice bool) {
	if isTwice {
		name := role + " " + id
		j.fault(name+" runs twice", "two processes run as "+name+": give each an id of its own")
	}
}

// logFlag is the flag that a command needs to speak of this log.
func (j *judgement) logFlag() string {
	if j.facts.Log == "main" {
		return ""
	}
	return " --log " + j.facts.Log
}
