package store

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"sync/atomic"
)

// A segment has its name only once its zeros and its header are synced; until then it has another, so
// that a file that a crash left half-made is never taken for a segment.
const (
	segmentSuffix = ".segment"
	nextSuffix    = ".next"
	lockName      = "lock"
)

// fillBytes is how much of a new segment is written between two syncs, so that a vote's sync never
// waits behind a long one.
const fillBytes = 1 << 20

var namePattern = regexp.MustCompile(`^([0-9]{8,19})(\.segment|\.next)$`)

func segmentName(number uint64) string { return fmt.Sprintf("%08d%s", number, segmentSuffix) }
func nextName(number uint64) string    { return fmt.Sprintf("%08d%s", number, nextSuffix) }

// parseName returns the number and suffix of a segment's name; numbers are written in one way only.
func parseName(name string) (number uint64, suffix string, ok bool) {
	match := namePattern.FindStringSubmatch(name)
	if match == nil {
		return 0, "", false
	}
	number, err := strconv.ParseUint(match[1], 10, 64)
	if err != nil || number == 0 || fmt.Sprintf("%08d", number) != match[1] {
		return 0, "", false
	}
	return number, match[2], true
}

// segment is the one being written. Its bytes from at on are zeros, and durably so.
type segment struct {
	file   File
	number uint64
	size   int64
	at     int64
	seal   seal
}

// errStopped ends the making of a segment that nobody waits for any more.
var errStopped = errors.New("stopped")

// fill makes the file of a segment to come, and writes it full of zeros: overwriting blocks that
// exist syncs faster than making the file grow, and cannot find the disk full.
func fill(root Root, number uint64, size int64, stop *atomic.Bool) (File, error) {
	file, err := root.Create(nextName(number))
	if err != nil {
		return nil, err
	}
	zeros := make([]byte, min(size, fillBytes))
	for at := int64(0); at < size && err == nil; at += int64(len(zeros)) {
		if stop.Load() {
			err = errStopped
			break
		}
		err = put(file, nextName(number), zeros[:min(int64(len(zeros)), size-at)], at)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// put writes data at a place of the named file, and syncs it.
func put(file File, name string, data []byte, at int64) error {
	if _, err := file.WriteAt(data, at); err != nil {
		return refused("write", name, err)
	}
	if err := file.Sync(); err != nil {
		return refused("sync", name, err)
	}
	return nil
}

// begin gives a filled file its header and then its name: from here on it is a segment.
func begin(root Root, file File, h header) (*segment, error) {
	block, err := h.encode()
	if err != nil {
		return nil, err
	}
	if err := put(file, nextName(h.number), block, 0); err != nil {
		return nil, err
	}
	if err := root.Rename(nextName(h.number), segmentName(h.number)); err != nil {
		return nil, err
	}
	if err := root.Sync(); err != nil {
		return nil, err
	}
	return &segment{
		file: file, number: h.number, size: h.size, at: headerBytes,
		seal: newSeal(h.store, h.number),
	}, nil
}

// preparation is the making of the next segment, in the background.
type preparation struct {
	number uint64
	size   int64
	stop   atomic.Bool
	done   chan struct{}
	file   File // once done; nil where err is not
	err    error
}

// prepare begins to make the segment of a number.
func (s *Store) prepare(number uint64) {
	p := &preparation{number: number, size: s.options.SegmentBytes, done: make(chan struct{})}
	s.next = p
	s.options.run(func() {
		defer close(p.done)
		p.file, p.err = fill(s.root, p.number, p.size, &p.stop)
	})
}

// take returns the file of the next segment, with room for need bytes, and its size. It waits for the
// preparation. What that failed to make, or made too small, is made once more, now: a disk that was
// full may have room again.
func (s *Store) take(number uint64, need int64) (File, int64, error) {
	p := s.next
	s.next = nil
	<-p.done
	if p.err == nil && p.size >= need {
		return p.file, p.size, nil
	}
	if p.err == nil {
		if err := p.file.Close(); err != nil {
			return nil, 0, err
		}
	}
	if err := removeNext(s.root); err != nil {
		return nil, 0, err
	}
	size := max(p.size, need)
	file, err := fill(s.root, number, size, new(atomic.Bool))
	return file, size, err
}

// abandon ends a preparation that nobody will take.
func (s *Store) abandon() error {
	if s.next == nil {
		return nil
	}
	p := s.next
	s.next = nil
	p.stop.Store(true)
	<-p.done
	if p.err != nil {
		return nil
	}
	return p.file.Close()
}

// removeNext removes the files of segments that were never begun. They are never used again, since
// nobody knows how much of them was synced.
func removeNext(root Root) error {
	names, err := root.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, suffix, ok := parseName(name); ok && suffix == nextSuffix {
			if err := root.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}
