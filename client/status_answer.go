package client

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/synod-log/synod/paxos"
)

// statusAnswer is what a status needs of what a worker's endpoint answers. Fields of other roles,
// and of later versions, are passed over.
type statusAnswer struct {
	ID         string            `json:"id"`
	Membership *membershipAnswer `json:"membership"`
	Heard      []heardAnswer     `json:"heard"`
	State      string            `json:"state"`
	Waiting    string            `json:"waiting"`
	Voting     bool              `json:"voting"`
	Promised   string            `json:"promised"`
	Ballot     string            `json:"ballot"`
	Settled    paxos.Slot        `json:"settled"`
	Highest    paxos.Slot        `json:"highest"`
	Learned    paxos.Slot        `json:"learned"`
	Target     paxos.Slot        `json:"target"`
	Delivered  paxos.Slot        `json:"delivered"`
	Held       int               `json:"held"`
	InFlight   int               `json:"in_flight"`
}

type membershipAnswer struct {
	Epoch   uint64 `json:"epoch"`
	Tag     string `json:"tag"`
	Members []struct {
		ID    string `json:"id"`
		Store string `json:"store"`
	} `json:"members"`
}

type heardAnswer struct {
	Acceptor     string `json:"acceptor"`
	Milliseconds int64  `json:"ms_ago"`
}

// readStatus reads an answer of the worker with this id; ok is false where it is something else's.
func readStatus(id string, data []byte) (answer statusAnswer, ok bool) {
	err := json.Unmarshal(data, &answer)
	return answer, err == nil && answer.ID == id
}

// membership is the one that the worker acts in; ok is false where it told none, or one that is
// not what its tag says.
func (a *statusAnswer) membership(log string) (m paxos.Membership, ok bool) {
	if a.Membership == nil || len(a.Membership.Members) > paxos.MaxMembers {
		return m, false
	}
	m.Epoch = a.Membership.Epoch
	for _, member := range a.Membership.Members {
		store, err := hex.DecodeString(member.Store)
		if err != nil || len(store) != len(paxos.StoreID{}) {
			return m, false
		}
		m.Members = append(m.Members, paxos.Member{ID: member.ID, Store: paxos.StoreID(store)})
	}
	return m, m.Tag(log).String() == a.Membership.Tag
}

// readBallot reads a ballot as people see it, "7.p1": its start is not known. The zero ballot
// stands for what is none.
func readBallot(text string) paxos.Ballot {
	round, proposer, _ := strings.Cut(text, ".")
	number, err := strconv.ParseUint(round, 10, 64)
	if err != nil {
		return paxos.Ballot{}
	}
	return paxos.Ballot{Round: number, Proposer: proposer}
}

// lastHeard keeps in all the shortest time that is told for each acceptor.
func (a *statusAnswer) lastHeard(all map[string]time.Duration) {
	for _, heard := range a.Heard {
		keepShortest(all, heard.Acceptor, time.Duration(heard.Milliseconds)*time.Millisecond)
	}
}

func keepShortest(all map[string]time.Duration, acceptor string, ago time.Duration) {
	if known, ok := all[acceptor]; !ok || ago < known {
		all[acceptor] = ago
	}
}
