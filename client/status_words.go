package client

import (
	"fmt"
	"strings"
	"time"
)

// conclude puts the verdict into words, with the most urgent advice first.
func (j *judgement) conclude() {
	notes := j.report.Next
	j.report.Next = nil
	switch {
	case len(j.report.Acceptors) == 0 && len(j.report.Proposers) == 0 && len(j.report.Learners) == 0:
		j.stall("nobody answers", "start its acceptors and a proposer, or check that its name is right; "+
			"`synod dev` runs a log to try")
	case j.membership == nil && len(j.report.Acceptors) == 0:
		j.stall("no acceptor answers", "start its acceptors: synod acceptor --help tells how")
	case j.membership == nil || !j.isFree && j.adopted() >= j.report.Quorum:
		j.concludeFounding()
	case j.report.Voting < j.report.Quorum:
		j.stall(fmt.Sprintf("%s answering (need %d)%s", j.acceptors(), j.report.Quorum, j.missing()), "")
		j.adviseAcceptors()
	case j.leader == nil:
		j.concludeLeaderless()
	default:
		j.concludeProgress()
	}
	j.report.Next = append(j.report.Next, notes...)
}

// adopted is how many members are heard, with the stores and in the membership that they should
// have.
func (j *judgement) adopted() int {
	count := 0
	for i := range j.facts.Acceptors {
		if isMember(&j.facts.Acceptors[i], *j.membership) {
			count++
		}
	}
	return count
}

func (j *judgement) stall(words, next string) {
	j.report.State = Stalled
	j.say("stalled, " + words)
	if next != "" {
		j.report.Next = append(j.report.Next, next)
	}
}

// say makes the verdict of its words, and in a few more of all that needs attention.
func (j *judgement) say(words string) {
	parts := append([]string{j.facts.Log + ": " + words}, j.faults...)
	j.report.Verdict = strings.Join(parts, "; ")
}

// acceptors is "3 of 3 acceptors".
func (j *judgement) acceptors() string {
	return fmt.Sprintf("%d of %d acceptors", j.report.Voting, len(j.membership.Members))
}

func (j *judgement) concludeProgress() {
	canLose := "none"
	if j.report.CanLose > 0 {
		canLose = fmt.Sprint(j.report.CanLose)
	}
	j.say(fmt.Sprintf("making progress; %s, %s leads (ballot %d); can lose %s%s", j.acceptors(),
		j.leader.ID, j.leader.Ballot.Round, canLose, j.missing()))
	if j.report.Voting < len(j.membership.Members) {
		j.report.State = Degraded
		j.adviseAcceptors()
	}
	if len(j.membership.Members) == 1 {
		j.advise("one acceptor alone keeps this log: if its disk is lost, so is the log; " +
			"of three, one may be lost")
	}
	if j.standbys == 0 {
		j.advise("no proposer stands by: when %s ends, the log stalls until one is started", j.leader.ID)
	}
}

func (j *judgement) concludeLeaderless() {
	acceptors := j.acceptors() + j.missing()
	var states []string
	for _, p := range j.report.Proposers {
		if p.State == stranger {
			continue
		}
		states = append(states, p.ID+" ("+p.State+")")
		if p.Waiting != "" {
			j.advise("%s: %s", p.ID, p.Waiting)
		}
	}
	switch {
	case len(states) == 0:
		j.stall("no proposer answers; "+acceptors, "start a proposer: synod proposer --id p1"+j.logFlag())
	case len(j.rivals) > 0:
		j.stall("no proposer leads; "+acceptors+"; "+strings.Join(states, ", "), "")
	default:
		j.stall("no proposer leads; "+acceptors+"; "+strings.Join(states, ", "),
			"one takes the lead within a second or two: look again, and if none does, "+
				"read the proposers' logs")
	}
	j.adviseAcceptors()
}

// Ago is how long ago something was, to two digits or so.
func Ago(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms ago", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
