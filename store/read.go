package store

import (
	"errors"
	"fmt"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// Read returns the settled values of slots first to through, from disk, as many as fit in maxBytes by
// their sizes, but at least one where there is one. Where idsOnly, a value is its kind and its id; then
// a page ends, too, when values of idsOnlyReads times maxBytes were read for it. The
// run is empty where first is not settled.
//
// Every byte read is checked: *DamagedError names what has changed on disk, and the store is then to
// be treated as one that was found damaged when opened.
func (s *Store) Read(first, through paxos.Slot, maxBytes int, idsOnly bool) (paxos.Run, error) {
	reader := chunkReader{root: s.root, store: s.id}
	run, err := s.read(&reader, max(first, 1), through, maxBytes, idsOnly)
	if err = errors.Join(err, reader.close()); err != nil {
		var damage *DamagedError
		if !errors.As(err, &damage) {
			err = &UnreadableError{Dir: s.dir, Err: err}
		}
		return paxos.Run{}, err
	}
	return run, nil
}

// idsOnlyReads bounds what is read for a page of ids, in pages: ids are small, but the values that they are
// read with may not be.
const idsOnlyReads = 16

func (s *Store) read(
	reader *chunkReader, first, through paxos.Slot, maxBytes int, idsOnly bool,
) (paxos.Run, error) {
	run := paxos.Run{First: first}
	size, read := 0, 0
	for next := first; next <= through; {
		chunk, ok := s.find(next)
		if !ok {
			break
		}
		values, err := reader.values(chunk)
		if err != nil {
			return paxos.Run{}, err
		}
		for ; next <= min(through, chunk.span.Last); next++ {
			value := values[next-chunk.span.First]
			read += value.Size()
			if read > idsOnlyReads*maxBytes && len(run.Values) > 0 {
				return run, nil
			}
			if idsOnly {
				value = paxos.Value{Kind: value.Kind, ID: value.ID}
			}
			size += value.Size()
			if size > maxBytes && len(run.Values) > 0 {
				return run, nil
			}
			run.Values = append(run.Values, value)
		}
	}
	if run.IsEmpty() {
		return paxos.Run{}, nil
	}
	return run, nil
}

func (s *Store) find(slot paxos.Slot) (extent, bool) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.state.index.find(slot)
}

// chunkReader reads chunks through an opening of its own, so that it shares nothing with who writes.
type chunkReader struct {
	root  Root
	store paxos.StoreID

	file   File // the segment opened last
	number uint64
}

// values returns the values of a chunk, slot by slot: of each slot, what was recorded last.
func (r *chunkReader) values(chunk extent) ([]paxos.Value, error) {
	name := segmentName(chunk.segment)
	if err := r.open(chunk.segment); err != nil {
		return nil, err
	}
	data := make([]byte, chunk.to-chunk.from)
	if _, err := r.file.ReadAt(data, chunk.from); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	seal := newSeal(r.store, chunk.segment)
	values := make([]paxos.Value, chunk.span.Last-chunk.span.First+1)
	found := make([]bool, len(values))
	for at := chunk.from; at < chunk.to; {
		f, ok := seal.open(data[at-chunk.from:], at)
		if !ok {
			return nil, damaged(name, at, "the record here has changed since it was saved")
		}
		run, err := runOf(f)
		if err != nil {
			return nil, damaged(name, at, "record %d is whole but not understood: %v", f.sequence, err)
		}
		part := run.From(chunk.span.First).Through(chunk.span.Last)
		for i, value := range part.Values {
			values[part.First+paxos.Slot(i)-chunk.span.First] = value
			found[part.First+paxos.Slot(i)-chunk.span.First] = true
		}
		at = f.end
	}
	for i := range found {
		if !found[i] {
			return nil, damaged(name, chunk.from, "slot %d is not where it was saved",
				chunk.span.First+paxos.Slot(i))
		}
	}
	return values, nil
}

// runOf returns the run that a frame's record has, if it is of a kind that has one.
func runOf(f frame) (paxos.Run, error) {
	record, err := codec.DecodeRecord(f.payload)
	if err != nil {
		return paxos.Run{}, err
	}
	switch r := record.(type) {
	case *paxos.AcceptedRecord:
		return r.Proposal.Run, nil
	case *paxos.RepairedRecord:
		return r.Run, nil
	}
	return paxos.Run{}, nil
}

func (r *chunkReader) open(number uint64) error {
	if r.file != nil && r.number == number {
		return nil
	}
	if err := r.close(); err != nil {
		return err
	}
	file, err := r.root.OpenRead(segmentName(number))
	if err != nil {
		return err
	}
	r.file, r.number = file, number
	return nil
}

func (r *chunkReader) close() error {
	if r.file == nil {
		return nil
	}
	file := r.file
	r.file = nil
	return file.Close()
}
