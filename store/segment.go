package store

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
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
// exist syncs faster than making the file grow, and cannot find the disk full. It calls goOn with how
// much is durably there, before each part, and ends with an error of that.
func fill(root Root, number uint64, size int64, goOn func(filled int64) error) (File, error) {
	file, err := root.Create(nextName(number))
	if err != nil {
		return nil, err
	}
	zeros := make([]byte, min(size, fillBytes))
	for at := int64(0); at < size && err == nil; at += int64(len(zeros)) {
		if err = goOn(at); err != nil {
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

// toTheEnd is for a segment that somebody waits for.
func toTheEnd(int64) error { return nil }

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
