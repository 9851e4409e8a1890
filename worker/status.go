package worker

import (
	"encoding/hex"
	"time"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// The reports below are what the status endpoints answer, as JSON. Names and meanings are those of
// paxos's statuses. A ballot is written as people see it: "7.p1", and "" where there is none.

// Identity begins every report.
type Identity struct {
	Log        string            `json:"log"`
	Role       string            `json:"role"`
	ID         string            `json:"id"`
	Membership *MembershipReport `json:"membership,omitempty"` // nil: none known yet
	// Heard tells how long ago each of the other acceptors was heard. One that is missing here was not
	// heard since this worker started.
	Heard    []HeardReport  `json:"heard,omitempty"`
	Messages MessagesReport `json:"messages"`
}

// MembershipReport tells the acceptors whose votes count.
type MembershipReport struct {
	Epoch   uint64         `json:"epoch"`
	Tag     string         `json:"tag"` // in hex
	Members []MemberReport `json:"members"`
}

// MemberReport is an acceptor and the whole id of its store, in hex.
type MemberReport struct {
	ID    string `json:"id"`
	Store string `json:"store"`
}

// HeardReport tells how long ago an acceptor was last heard, in milliseconds.
type HeardReport struct {
	Acceptor     string `json:"acceptor"`
	Milliseconds int64  `json:"ms_ago"`
}

// MessagesReport counts messages since the worker's start.
type MessagesReport struct {
	Received uint64 `json:"received"`
	Sent     uint64 `json:"sent"`
	Unsent   uint64 `json:"unsent"`
	// Dropped counts, by reason, what arrived and had no effect.
	Dropped map[string]uint64 `json:"dropped,omitempty"`
}

// AcceptorReport is what an acceptor answers.
type AcceptorReport struct {
	Identity
	Voting       bool       `json:"voting"`
	Waiting      string     `json:"waiting,omitempty"`
	Promised     string     `json:"promised"`
	Settled      paxos.Slot `json:"settled"`
	Highest      paxos.Slot `json:"highest"`
	Boot         uint64     `json:"boot"`
	Sequence     uint64     `json:"sequence"`
	TailBytes    int        `json:"tail_bytes"`
	PagesServed  uint64     `json:"pages_served"`
	PagesDropped uint64     `json:"pages_dropped"`
}

// ProposerReport is what a proposer answers.
type ProposerReport struct {
	Identity
	State     string     `json:"state"`
	Waiting   string     `json:"waiting,omitempty"`
	Ballot    string     `json:"ballot"`
	Learned   paxos.Slot `json:"learned"`
	Chosen    paxos.Slot `json:"chosen"`
	Held      int        `json:"held"`
	HeldBytes int        `json:"held_bytes"`
	InFlight  int        `json:"in_flight"`
	// Wait is how long a proposal made now would wait, where this proposer leads and can tell.
	Wait       int64  `json:"wait_ms"`
	Overloaded uint64 `json:"overloaded"` // proposals answered 429 since they would have waited for too long
	Refused    uint64 `json:"refused"`    // answered 400 or 413
}

// LearnerReport is what a learner answers.
type LearnerReport struct {
	Identity
	Waiting   string     `json:"waiting,omitempty"`
	Ballot    string     `json:"ballot"`
	Learned   paxos.Slot `json:"learned"`
	Target    paxos.Slot `json:"target"`
	Delivered paxos.Slot `json:"delivered"` // handed to the consumer, and taken
	Offering  bool       `json:"offering"`  // it offers to publish the feed
	Feeding   bool       `json:"feeding"`   // it publishes the feed
}

func (a *acceptor) report() any {
	status := a.status.Load()
	return AcceptorReport{
		Identity: identityOf(a.log, a.self, status.Membership, status.Heard, status.Dropped, a.link.Counts()),
		Voting:   status.Voting, Waiting: status.Waiting, Promised: ballotText(status.Promised),
		Settled: status.Settled, Highest: status.Highest, Boot: status.Boot, Sequence: status.Sequence,
		TailBytes: status.TailBytes, PagesServed: a.reads.served.Load(), PagesDropped: a.reads.dropped.Load(),
	}
}

func (p *proposer) report() any {
	status := p.status.Load()
	return ProposerReport{
		Identity: identityOf(p.log, p.self, status.Membership, status.Heard, status.Dropped, p.link.Counts()),
		State:    status.State, Waiting: status.Waiting, Ballot: ballotText(status.Ballot),
		Learned: status.Learned, Chosen: status.Chosen, Held: status.Held, HeldBytes: status.HeldBytes,
		InFlight: status.InFlight, Wait: (time.Duration(status.Wait) * link.Tick).Milliseconds(),
		Overloaded: status.Overloaded + p.admission.overloaded.Load(), Refused: p.admission.refused.Load(),
	}
}

func identityOf(
	log string, self paxos.Address, members paxos.Membership, heard []paxos.LastHeard,
	dropped paxos.Dropped, counts link.Counts,
) Identity {
	return Identity{
		Log: log, Role: link.RoleName(self.Role), ID: self.ID,
		Membership: membershipReport(log, members), Heard: heardReports(heard),
		Messages: MessagesReport{
			Received: counts.Received, Sent: counts.Sent, Unsent: counts.Unsent,
			Dropped: droppedByReason(dropped, counts),
		},
	}
}

func membershipReport(log string, members paxos.Membership) *MembershipReport {
	if len(members.Members) == 0 {
		return nil
	}
	report := &MembershipReport{Epoch: members.Epoch, Tag: members.Tag(log).String()}
	for _, member := range members.Members {
		report.Members = append(report.Members,
			MemberReport{ID: member.ID, Store: hex.EncodeToString(member.Store[:])})
	}
	return report
}

func heardReports(heard []paxos.LastHeard) []HeardReport {
	reports := make([]HeardReport, len(heard))
	for i, one := range heard {
		ago := time.Duration(one.Ticks) * link.Tick
		reports[i] = HeardReport{Acceptor: one.Acceptor, Milliseconds: ago.Milliseconds()}
	}
	return reports
}

// droppedByReason puts together what the link and the state machine dropped. Reasons that did not occur
// are left out.
func droppedByReason(dropped paxos.Dropped, counts link.Counts) map[string]uint64 {
	all := map[string]uint64{
		"inbox_full":     counts.ControlDropped,
		"proposals_full": counts.ProposalsDropped,
		"slow_consumer":  counts.SlowConsumer,
		"tag":            dropped.Tag,
		"sender":         dropped.Sender,
		"boot":           dropped.Boot,
		"round":          dropped.Round,
		"malformed":      dropped.Malformed,
		"unwanted":       dropped.Unwanted,
	}
	for reason, count := range counts.Refused {
		all["decode_"+string(reason)] = count
	}
	for reason, count := range all {
		if count == 0 {
			delete(all, reason)
		}
	}
	return all
}

func ballotText(ballot paxos.Ballot) string {
	if ballot.IsZero() {
		return ""
	}
	return ballot.String()
}
