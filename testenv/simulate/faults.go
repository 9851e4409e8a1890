package simulate

// Fault is a kind of thing that goes wrong in worlds.
type Fault uint8

// The faults, as they are counted when they have happened.
const (
	Lost        Fault = iota // a message never arrived
	Doubled                  // a message arrived, and will arrive again
	Overtaken                // a message arrived before an older one
	Strayed                  // a message arrived as if from another membership
	Forged                   // a message arrived as if from an acceptor that is no member
	Partitioned              // workers of different sides did not hear each other
	CutOff                   // one worker did not hear another
	Crashed                  // a process died
	LostSave                 // … while it saved, and nothing of that was kept
	TornSave                 // … and the first of the records were kept
	UnsentSave               // … and all was kept, but nothing sent
	PowerLoss                // all processes, or most, died at one moment
	SlowSave                 // a save took so long that messages waited for it
	Paused                   // a process hung, and got at once what had arrived meanwhile
	Overthrown               // another proposer took the lead, whatever the leader did
	Stormed                  // a stranger campaigned in a ballot above all others
	FloodedBy                // a message, one of very many, that nobody needed
	Wiped                    // an acceptor's store was lost
	Copied                   // a second process ran from a copy of a store
	RolledBack               // a store was as it had been some records ago
	RestoredOld              // … as it had been several boots ago
	Misled                   // an acceptor was started with other founders than the rest
	faultKinds
)

var faultNames = [faultKinds]string{
	"messages lost", "messages doubled", "messages overtaking", "messages of another membership",
	"messages of no member", "partitions", "one-way cuts", "crashes", "saves lost in a crash",
	"saves torn by a crash", "saves done, answers lost", "power losses", "slow saves", "pauses", "overthrows",
	"strangers' ballots", "messages of floods", "stores wiped", "stores copied", "stores rolled back",
	"… by several boots", "founders' lists that differ",
}

func (f Fault) String() string { return faultNames[f] }

// Faults counts what went wrong.
type Faults [faultKinds]uint64

func (f *Faults) add(other *Faults) {
	for i := range f {
		f[i] += other[i]
	}
}
