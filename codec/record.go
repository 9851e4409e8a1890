package codec

import (
	"fmt"

	"github.com/synod-log/synod/paxos"
)

// recordKind is the number of a kind of record in the store. Numbers are never used again.
type recordKind uint64

const (
	recordBoot recordKind = 1 + iota
	recordAdopted
	recordFree
	recordPromised
	recordAccepted
	recordSettled
	recordRepaired
)

// recordFields are how many fields follow the kind.
var recordFields = [...]int{
	recordBoot:     2,
	recordAdopted:  2,
	recordFree:     0,
	recordPromised: 1,
	recordAccepted: 3,
	recordSettled:  1,
	recordRepaired: 2,
}

const recordHeadFields = 2 // version, kind

func appendRecordHead(to []byte, k recordKind) []byte {
	return append(to, fixArray|byte(recordHeadFields+recordFields[k]), Version, byte(k))
}

// AppendRecord appends a record as it is stored, and returns the longer slice. It allocates nothing
// where to has room, the records of an acceptor's beginnings aside. It panics when record is of no known
// kind.
func AppendRecord(to []byte, record paxos.Record) []byte {
	switch r := record.(type) {
	case *paxos.BootRecord:
		return appendTree(to, tree{uint64(Version), uint64(recordBoot), r.Boot, r.Began})
	case *paxos.AdoptedRecord:
		fields := membershipTree(&r.Membership)
		return appendTree(to, append(tree{uint64(Version), uint64(recordAdopted)}, fields...))
	case *paxos.FreeRecord:
		return appendTree(to, tree{uint64(Version), uint64(recordFree)})
	case *paxos.PromisedRecord:
		return appendBallot(appendRecordHead(to, recordPromised), r.Ballot)
	case *paxos.AcceptedRecord:
		to = appendBallot(appendRecordHead(to, recordAccepted), r.Proposal.Ballot)
		return appendRun(to, r.Proposal.Run)
	case *paxos.SettledRecord:
		return appendUint(appendRecordHead(to, recordSettled), r.Through)
	case *paxos.RepairedRecord:
		return appendRun(appendRecordHead(to, recordRepaired), r.Run)
	}
	panic(fmt.Sprintf("codec: %T is no kind of record", record))
}

// DecodeRecord reads a record. Its bytes and headers alias data, which nobody may write to afterwards.
// An error is an *Error. For an input of n bytes it allocates less than 8n bytes and 4 KiB.
func DecodeRecord(data []byte) (paxos.Record, error) {
	p := parser{data: data}
	record := p.record(p.recordHead())
	if err := p.end(); err != nil {
		return nil, err
	}
	return record, nil
}

// recordHead takes what every record begins with. Kind 0 stands for an error.
func (p *parser) recordHead() recordKind {
	count := p.array()
	p.version()
	k := recordKind(p.uint())
	if k == 0 || k >= recordKind(len(recordFields)) {
		p.fail(ReasonKind)
		return 0
	}
	if count != recordHeadFields+recordFields[k] {
		p.fail(ReasonArity)
		return 0
	}
	return k
}

func (p *parser) record(k recordKind) paxos.Record {
	switch k {
	case recordBoot:
		return &paxos.BootRecord{Boot: p.uint(), Began: p.uint()}
	case recordAdopted:
		return &paxos.AdoptedRecord{Membership: p.membership()}
	case recordFree:
		return &paxos.FreeRecord{}
	case recordPromised:
		return &paxos.PromisedRecord{Ballot: p.ballot()}
	case recordAccepted:
		return &paxos.AcceptedRecord{Proposal: paxos.Proposal{Ballot: p.ballot(), Run: p.fullRun()}}
	case recordSettled:
		return &paxos.SettledRecord{Through: p.slot()}
	case recordRepaired:
		return &paxos.RepairedRecord{Run: p.fullRun()}
	}
	return nil // the head has failed
}
