package store

// sectorBytes is what a disk is trusted to write whole or not at all, and may lose or bring back old as
// a whole.
const sectorBytes = 512

// A mark is a frame that tells that its batch, the last one, was synced: damage to that batch is then
// known from a crash that tore it. It is written when the sync has returned, and is not synced itself,
// so that it costs a write to memory alone: the death of the process does not take it, a power failure
// may. MarkSynced and Close sync it.
//
// It lies in a sector of its own, so that no one sector, lost or old, takes a batch and its mark. The
// next batch is written over it, from the end of the one before: its frames tell then what the mark told.

// markPlace is where the mark lies of a batch that ends here.
func markPlace(end int64) int64 { return (end + sectorBytes - 1) &^ (sectorBytes - 1) }

// room is the size that a segment needs whose last batch ends here.
func room(end int64) int64 { return markPlace(end) + frameBytes }

// MarkSynced makes the mark of the last batch durable, which otherwise the next Save makes needless. It
// is for when there is nothing to save for a while. It does nothing where nothing was saved since.
func (s *Store) MarkSynced() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.failed != nil {
		return s.failed
	}
	return s.fail(s.syncMark())
}

func (s *Store) syncMark() error {
	if s.isMarked {
		return nil
	}
	if err := s.active.file.Sync(); err != nil {
		return refused("sync", segmentName(s.active.number), err)
	}
	s.isMarked = true
	return nil
}

// mark writes the mark of the last batch, which was synced.
func (s *Store) mark() error {
	s.isMarked = false
	if room(s.active.at) > s.active.size {
		return nil // no batch of ours ends there
	}
	at := markPlace(s.active.at)
	s.active.seal.close(s.markData[:], frame{
		at: at, sequence: s.state.sequence, batch: s.state.batch,
	})
	if _, err := s.active.file.WriteAt(s.markData[:], at); err != nil {
		return refused("write", segmentName(s.active.number), err)
	}
	return nil
}
