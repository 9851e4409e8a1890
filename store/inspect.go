package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/synod-log/synod/paxos"
)

// Inspection is what is in a store: what its acceptor would find if it started now, and beyond the
// first damage, at which that would stop, as much as can still be read.
type Inspection struct {
	Dir      string
	IsInUse  bool // an acceptor runs on it; what is told was true at some time during the inspection
	Log      string
	Acceptor string
	ID       paxos.StoreID

	Boot       uint64            // number of the last start; 0: none
	Membership *paxos.Membership // nil: none adopted yet
	IsFree     bool              // free to vote
	Promised   paxos.Ballot
	Settled    paxos.Slot
	Highest    paxos.Slot // the highest slot that a value was accepted or repaired in
	Records    uint64     // the number of the last record
	Segments   []Segment

	Torn   *Torn           // nil: nothing is torn
	Damage []*DamagedError // at most one of each segment; where there is any, Records may lack some
}

// Segment is a file of a store.
type Segment struct {
	File    string
	Bytes   int64 // size of the file
	Used    int64 // of them, what whole batches take, with the header
	Records uint64
}

// Torn is what is left of the last batch, which was never acknowledged: the next start discards it.
type Torn struct {
	File   string
	Offset int64
	Bytes  int64
}

// NotAStoreError says that a directory is no store.
type NotAStoreError struct {
	Dir string
	Why string
}

// Error says why not, and what to do.
func (e *NotAStoreError) Error() string {
	return fmt.Sprintf("%s is no store: %s; give the directory that the acceptor was started with",
		e.Dir, e.Why)
}

// mostReadings is how often a store in use is read again. Each reading that is disturbed by who
// writes is disturbed at another place.
const mostReadings = 10

// Inspect reads every byte of the store in dir, and checks each checksum, as Open does. It changes
// nothing, makes nothing and locks nothing, so that it may be called while an acceptor runs on the
// store. Damage is part of what it returns, and no error.
//
// Errors: *NotAStoreError, *FormatError, *ForeignFileError, *UnreadableError.
func Inspect(dir string) (Inspection, error) {
	opened, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Inspection{}, &NotAStoreError{Dir: dir, Why: "it does not exist"}
	}
	if err != nil {
		return Inspection{}, &UnreadableError{Dir: dir, Err: err}
	}
	found, err := untilUndisturbed(func() (Inspection, error) { return inspectOnce(dir, opened) })
	if err = errors.Join(err, opened.Close()); err == nil || isOurs(err) {
		return found, err
	}
	var none *NotAStoreError
	if !errors.As(err, &none) {
		err = &UnreadableError{Dir: dir, Err: err}
	}
	return Inspection{}, err
}

// untilUndisturbed reads a store until nobody who writes has disturbed the reading. While a batch
// is written and the next one after it, a reading may see the second and not the first. What looks
// like damage then is gone at the next reading; what is damaged stays.
func untilUndisturbed(read func() (Inspection, error)) (Inspection, error) {
	before := ""
	for reading := 1; ; reading++ {
		found, err := read()
		if err != nil || !found.IsInUse || len(found.Damage) == 0 {
			return found, err
		}
		now := fmt.Sprint(found.Damage)
		if now == before || reading == mostReadings {
			return found, nil
		}
		before = now
	}
}

// inspectOnce reads a store, and says whether it was in use before or after.
func inspectOnce(dir string, opened *os.Root) (Inspection, error) {
	wasInUse, err := isLocked(opened)
	if err != nil {
		return Inspection{}, err
	}
	found, err := inspect(dir, osRoot{opened})
	if err != nil {
		return Inspection{}, err
	}
	isInUse, err := isLocked(opened)
	found.IsInUse = wasInUse || isInUse
	if found.IsInUse {
		found.Torn = nil // a batch on its way: what was torn is gone once a store is open
	}
	return found, err
}

// isLocked reports whether a process uses the store. It asks for a lock that it shares with all
// who ask, and gives it back at once: to take one and keep it would turn away an acceptor that
// starts.
func isLocked(root *os.Root) (bool, error) {
	file, err := root.Open(lockName)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = lockShared(file)
	if errors.Is(err, ErrLocked) {
		return true, file.Close()
	}
	return false, errors.Join(err, file.Close())
}

// inspect reads a store once.
func inspect(dir string, root Root) (Inspection, error) {
	numbers, err := segmentNumbers(dir, root)
	if err != nil {
		return Inspection{}, err
	}
	i := inspector{found: Inspection{Dir: dir}}
	i.recovery = recovery{
		root: root, identify: i.identify, restore: i.restore,
		source: source{piece: pieceBytes}, settled: paxos.MaxSlot, // restore keeps no values
	}
	if _, err := survey(dir, root); err != nil {
		if err := i.blame(err); err != nil {
			return Inspection{}, err
		}
	}
	for at, number := range numbers {
		isNext := at == 0 && number == 1 || at > 0 && number == numbers[at-1]+1
		i.isCut = i.isCut || !isNext
		if err := i.segment(number, at == len(numbers)-1); err != nil {
			return Inspection{}, err
		}
	}
	i.conclude()
	return i.found, nil
}

// inspector reads a store with the recovery of one that opens, and goes on after damage.
type inspector struct {
	recovery recovery
	found    Inspection
	isCut    bool // what is before the next segment was not read to its end
}

func (i *inspector) identify(h header) error {
	i.found.Log, i.found.Acceptor, i.found.ID = h.log, h.acceptor, h.store
	return nil
}

// restore takes in a record as paxos.Acceptor does.
func (i *inspector) restore(record paxos.Record) {
	switch r := record.(type) {
	case *paxos.BootRecord:
		i.found.Boot = r.Boot
	case *paxos.AdoptedRecord:
		i.found.Membership = &r.Membership
	case *paxos.FreeRecord:
		i.found.IsFree = true
	case *paxos.AcceptedRecord:
		i.found.Highest = max(i.found.Highest, r.Proposal.Run.Last())
	case *paxos.RepairedRecord:
		i.found.Highest = max(i.found.Highest, r.Run.Last())
	}
}

// blame keeps damage, and returns any other error.
func (i *inspector) blame(err error) error {
	var damage *DamagedError
	if !errors.As(err, &damage) {
		return err
	}
	i.found.Damage = append(i.found.Damage, damage)
	i.isCut = true
	return nil
}

// segment reads one segment.
func (i *inspector) segment(number uint64, isLast bool) error {
	r := &i.recovery
	if i.isCut {
		i.skipTo(number)
	}
	r.end, r.tornEnd = 0, 0
	before := r.state.sequence
	if err := r.read(number, isLast); err != nil {
		if err := i.blame(err); err != nil {
			return err
		}
	}
	name := segmentName(number)
	size, err := sizeOf(r.root, name)
	i.found.Segments = append(i.found.Segments, Segment{
		File: name, Bytes: size, Used: r.end, Records: r.state.sequence - before,
	})
	if isLast && r.tornEnd > r.end && !i.isCut {
		i.found.Torn = &Torn{File: name, Offset: r.end, Bytes: r.tornEnd - r.end}
	}
	return err
}

// skipTo goes on at a segment whose predecessor could not be read to its end, with what its header
// says of what was before. Where the header cannot be read either, the reading of it will say so.
func (i *inspector) skipTo(number uint64) {
	r := &i.recovery
	h, err := r.readHeader(number)
	if err != nil {
		return
	}
	r.state.standing = h.base
	r.state.index.settle(h.base.settled)
	i.isCut = false
}

func (i *inspector) conclude() {
	state := &i.recovery.state
	i.found.Promised, i.found.Settled, i.found.Records = state.promised, state.settled, state.sequence
}

// segmentNumbers are those of the segments in a directory, in order, though some may be missing.
func segmentNumbers(dir string, root Root) ([]uint64, error) {
	names, err := root.Names()
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for _, name := range names {
		if number, suffix, ok := parseName(name); ok && suffix == segmentSuffix {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 {
		return nil, &NotAStoreError{Dir: dir, Why: "it has no segment"}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func sizeOf(root Root, name string) (int64, error) {
	file, err := root.OpenRead(name)
	if err != nil {
		return 0, err
	}
	size, err := file.Size()
	return size, errors.Join(err, file.Close())
}
