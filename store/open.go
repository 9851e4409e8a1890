package store

import (
	"errors"
	"slices"
	"strings"

	"github.com/synod-log/synod/paxos"
)

// Open locks dir and opens the store in it, calling restore for each of its records in order; where
// dir is empty or missing, it makes a store there. Values of slots that a record settles, that one or a
// later one, must not be looked at after restore has returned: their memory is used again. All else may
// be kept.
//
// Errors: *InUseError, *IdentityError, *FormatError, *ForeignFileError, *UnreadableError and
// *DamagedError, to be found with errors.As.
// After an error nothing that restore was given counts.
func Open(dir string, options Options, restore func(paxos.Record)) (*Store, error) {
	options, err := options.complete()
	if err != nil {
		return nil, err
	}
	root, err := options.FS.OpenRoot(dir)
	if err != nil {
		return nil, &UnreadableError{Dir: dir, Err: err}
	}
	lock, err := root.Lock(lockName)
	if err != nil {
		err = errors.Join(err, root.Close())
		if errors.Is(err, ErrLocked) {
			return nil, &InUseError{Dir: dir}
		}
		return nil, &UnreadableError{Dir: dir, Err: err}
	}
	s := &Store{dir: dir, options: options, root: root, lock: lock}
	if err := s.open(restore); err != nil {
		if !isOurs(err) {
			err = &UnreadableError{Dir: dir, Err: err}
		}
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

// isOurs reports whether an error already says what is wrong with the store, and what to do.
func isOurs(err error) bool {
	var damage *DamagedError
	var identity *IdentityError
	var format *FormatError
	var foreign *ForeignFileError
	return errors.As(err, &damage) || errors.As(err, &identity) || errors.As(err, &format) ||
		errors.As(err, &foreign)
}

func (s *Store) open(restore func(paxos.Record)) error {
	segments, err := survey(s.dir, s.root)
	if err != nil {
		return err
	}
	if len(segments) > 0 {
		err = s.recover(segments, restore)
	} else {
		err = s.make()
	}
	if err != nil {
		return err
	}
	s.prepare(s.active.number + 1)
	return nil
}

// make makes the first segment, and with it the store: until it has its name there is none.
func (s *Store) make() error {
	if err := removeNext(s.root); err != nil {
		return err
	}
	s.id = s.options.NewID()
	s.options.Opened(s.id)
	size := s.options.SegmentBytes
	file, err := fill(s.root, 1, size, toTheEnd)
	if err != nil {
		return err
	}
	s.active, err = begin(s.root, file, s.header(1, size))
	if err != nil {
		return errors.Join(err, file.Close())
	}
	s.isMarked = true
	return nil
}

// survey returns the segments in a directory: 1, 2, 3 …, none missing. A next segment that was begun
// to be made shows that all before it were there once.
func survey(dir string, root Root) (segments []uint64, err error) {
	names, err := root.Names()
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var next uint64
	for _, name := range names {
		number, suffix, ok := parseName(name)
		switch {
		case ok && suffix == segmentSuffix:
			segments = append(segments, number)
		case ok:
			next = max(next, number)
		case name != lockName && name != "lost+found" && !strings.HasPrefix(name, "."):
			return nil, &ForeignFileError{Dir: dir, Name: name}
		}
	}
	slices.Sort(segments)
	for i, number := range segments {
		if number != uint64(i)+1 {
			return nil, missing(uint64(i) + 1)
		}
	}
	if through := uint64(len(segments)); next > through+1 {
		return nil, missing(through + 1)
	}
	return segments, nil
}

func missing(number uint64) error {
	return damaged(segmentName(number), 0, "the file is missing")
}
