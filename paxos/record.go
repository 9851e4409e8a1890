package paxos

// Record is one thing that an acceptor must not forget, always a pointer to one of the kinds below.
// The store numbers the records of its life from 1; that number is the store's sequence.
type Record interface{ isRecord() }

// BootRecord begins a start of the acceptor's process: the number of that start, and the sequence
// the store had when it began.
type BootRecord struct {
	Boot  uint64
	Began uint64
}

// AdoptedRecord is the membership that the acceptor belongs to. An acceptor adopts once.
type AdoptedRecord struct {
	Membership Membership
}

// FreeRecord says that every founder was heard to have adopted the same membership, so that this
// acceptor may vote.
type FreeRecord struct{}

// PromisedRecord is a promise: no ballot below it is promised or accepted any more.
type PromisedRecord struct {
	Ballot Ballot
}

// AcceptedRecord is a proposal accepted. It is also a promise of its ballot.
type AcceptedRecord struct {
	Proposal Proposal
}

// SettledRecord says that what was last recorded for each slot up to Through is the chosen value.
type SettledRecord struct {
	Through Slot
}

// RepairedRecord is a run of chosen values that were pulled from another acceptor. They are
// settled: the run begins at or below the slot after the last settled one, and settles through its
// last.
type RepairedRecord struct {
	Run Run
}

func (*BootRecord) isRecord()     {}
func (*AdoptedRecord) isRecord()  {}
func (*FreeRecord) isRecord()     {}
func (*PromisedRecord) isRecord() {}
func (*AcceptedRecord) isRecord() {}
func (*SettledRecord) isRecord()  {}
func (*RepairedRecord) isRecord() {}
