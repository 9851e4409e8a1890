package simulate

import (
	"fmt"
	"strconv"

	"github.com/synod-log/synod/paxos"
)

// ID names a worker of a world. Zero is None.
type ID int8

// The workers that a world may have, by first and count; Twin is what copy starts, and Stranger an acceptor
// and proposer that nobody has asked for.
const (
	None          ID = 0
	firstAcceptor ID = 1
	firstProposer ID = 8
	firstLearner  ID = 12
	Client        ID = 15
	Twin          ID = 16
	Stranger      ID = 17
	ids           ID = 18
)

// Acceptor returns the nth acceptor, from 1; Proposer and Learner likewise.
func Acceptor(n int) ID { return firstAcceptor + ID(n) - 1 }

// Proposer returns the nth proposer, from 1.
func Proposer(n int) ID { return firstProposer + ID(n) - 1 }

// Learner returns the nth learner, from 1.
func Learner(n int) ID { return firstLearner + ID(n) - 1 }

var idNames = func() (names [ids]string) {
	for id := firstAcceptor; id < firstProposer; id++ {
		names[id] = "a" + strconv.Itoa(int(id-firstAcceptor)+1)
	}
	for id := firstProposer; id < firstLearner; id++ {
		names[id] = "p" + strconv.Itoa(int(id-firstProposer)+1)
	}
	for id := firstLearner; id < Client; id++ {
		names[id] = "l" + strconv.Itoa(int(id-firstLearner)+1)
	}
	names[None], names[Client], names[Twin], names[Stranger] = "anyone", "c1", "twin", "x1"
	return names
}()

func (id ID) String() string { return idNames[id] }

func (id ID) isAcceptor() bool { return id >= firstAcceptor && id < firstProposer || id == Twin }
func (id ID) isProposer() bool { return id >= firstProposer && id < firstLearner }
func (id ID) isLearner() bool  { return id >= firstLearner && id < Client }

// idOf is parseID of the address of a worker that the world began with.
func idOf(address string) ID {
	if len(address) == 2 {
		switch nth := ID(address[1] - '1'); address[0] {
		case 'a':
			return firstAcceptor + nth
		case 'p':
			return firstProposer + nth
		case 'l':
			return firstLearner + nth
		}
	}
	return None
}

func parseID(name string) (ID, error) {
	id, isName := indexOf(idNames[1:], name)
	if !isName {
		return None, fmt.Errorf("no worker is called %q", name)
	}
	return ID(id + 1), nil
}

// Kind is a kind of message, so that operations can name it.
type Kind uint8

// The kinds of message.
const (
	AnyKind Kind = iota
	PrepareKind
	PromiseKind
	AcceptKind
	AcceptedKind
	ChosenKind
	PreemptedKind
	StopKind
	PullKind
	SettledKind
	HelloKind
	ProposeKind
	kinds
)

var kindNames = [kinds]string{
	"any", "prepare", "promise", "accept", "accepted", "chosen", "preempted", "stop", "pull", "settled", "hello",
	"propose",
}

func (k Kind) String() string { return kindNames[k] }

func kindOf(body paxos.Body) Kind {
	switch body.(type) {
	case *paxos.Prepare:
		return PrepareKind
	case *paxos.Promise:
		return PromiseKind
	case *paxos.Accept:
		return AcceptKind
	case *paxos.Accepted:
		return AcceptedKind
	case *paxos.Chosen:
		return ChosenKind
	case *paxos.Preempted:
		return PreemptedKind
	case *paxos.Stop:
		return StopKind
	case *paxos.Pull:
		return PullKind
	case *paxos.Settled:
		return SettledKind
	case *paxos.Hello:
		return HelloKind
	case *paxos.Propose:
		return ProposeKind
	}
	return AnyKind
}

// hears reports whether workers like id listen for what is said to everyone in messages of this kind.
func (k Kind) heardBy(id ID) bool {
	switch k {
	case PrepareKind:
		return id.isAcceptor()
	case AcceptKind:
		return id != Client
	case ChosenKind:
		return id.isLearner()
	case StopKind:
		return id.isAcceptor() || id.isProposer()
	case HelloKind:
		return id != Client
	}
	return false
}
