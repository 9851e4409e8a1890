package store

import (
	"errors"
	"fmt"
	"io"
)

// pieceBytes is how much of a segment is read at a time, at least: much for a disk, and little enough to
// be still in the processor's cache when it is checked. With less, the garbage of decoding is collected
// more often than it is worth; with more, making the memory takes longer.
const pieceBytes = 4 << 20

// maxSegmentBytes is the largest file that is read as a segment.
const maxSegmentBytes = 4 << 30

// source is the segment that is being read, from its front to its end, through a window in memory. The
// window is as large as a piece and the largest batch, whatever the size of the segment: memory that is
// new to the process costs more than all else that is done with a byte.
type source struct {
	name string
	file io.ReaderAt
	size int64

	piece  int64 // how much is read at a time, at least
	window []byte
	at     int64 // where in the segment the window lies
	keep   int64 // what lies before is not needed any more
}

// open goes on with another segment.
func (s *source) open(root Root, name string) (io.Closer, error) {
	file, err := root.OpenRead(name)
	if err != nil {
		return nil, err
	}
	size, err := file.Size()
	if err == nil && size > maxSegmentBytes {
		err = damaged(name, maxSegmentBytes, "the file is larger than any segment")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(err, file.Close()))
	}
	*s = source{name: name, file: file, size: size, piece: s.piece, window: s.window[:0]}
	return file, nil
}

// from returns what lies at a place and behind it: need bytes at least, but where the segment ends. It is
// a part of the window, and good until more is asked for than is there.
func (s *source) from(at, need int64) ([]byte, error) {
	need = max(min(need, s.size-at), 0)
	if at < s.at || at+need > s.at+int64(len(s.window)) {
		if err := s.read(at, need); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return s.window[at-s.at:], nil
}

// read moves the window to what is kept and need bytes at a place, and fills it with a piece more.
func (s *source) read(at, need int64) error {
	first := min(at, s.keep)
	size := min(at+need+s.piece, s.size) - first
	var known []byte
	if end := s.at + int64(len(s.window)); s.at <= first && first < end {
		known = s.window[first-s.at:]
	}
	moved := s.window[:0]
	if int64(cap(moved)) < size {
		moved = make([]byte, 0, max(size, 2*int64(cap(moved))))
	}
	s.window, s.at = append(moved, known...), first
	rest := s.window[len(known):size]
	_, err := io.ReadFull(io.NewSectionReader(s.file, first+int64(len(known)), int64(len(rest))), rest)
	if err == nil {
		s.window = s.window[:size]
	}
	return err
}

// header returns the segment's header.
func (s *source) header() (header, error) {
	data, err := s.from(0, headerBytes)
	if err != nil {
		return header{}, err
	}
	return decodeHeader(s.name, data)
}

// frame returns the frame at a place, if there is a whole and unchanged one. Its payload is a part of the
// window.
func (s *source) frame(seal seal, at int64) (frame, bool, error) {
	data, err := s.from(at, frameBytes)
	if err != nil {
		return frame{}, false, err
	}
	if size := frameSize(data); size > int64(len(data)) && size <= s.size-at {
		if data, err = s.from(at, size); err != nil {
			return frame{}, false, err
		}
	}
	f, ok := seal.open(data, at)
	return f, ok, nil
}

// usedEnd returns where the zeros begin that lie before one place, to, and reach it, but not before
// another, from. Of what it reads it keeps nothing.
func (s *source) usedEnd(from, to int64) (int64, error) {
	end := from
	for at := from; at < to; {
		s.keep = at
		data, err := s.from(at, 1)
		if err != nil {
			return 0, err
		}
		data = data[:min(int64(len(data)), to-at)]
		if n := lastNonzero(data); n > 0 {
			end = at + int64(n)
		}
		at += int64(len(data))
	}
	return end, nil
}
