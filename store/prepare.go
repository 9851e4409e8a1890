package store

import "sync/atomic"

// preparation is the making of the next segment, in the background, while the active one is filled.
type preparation struct {
	number uint64
	size   int64
	begun  int64 // how much of the active segment was used when this began
	stop   atomic.Bool
	filled atomic.Int64
	news   chan struct{} // has one element when filled has changed since somebody looked
	done   chan struct{}
	file   File // once done; nil where err is not
	err    error
}

// prepare begins to make the segment of a number.
func (s *Store) prepare(number uint64) {
	p := &preparation{
		number: number, size: s.options.SegmentBytes, begun: s.active.at,
		news: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.next = p
	s.options.run(func() {
		defer close(p.done)
		p.file, p.err = fill(s.root, p.number, p.size, p.goOn)
	})
}

// goOn notes how much is filled.
func (p *preparation) goOn(filled int64) error {
	if p.stop.Load() {
		return errStopped
	}
	p.filled.Store(filled)
	select {
	case p.news <- struct{}{}:
	default:
	}
	return nil
}

// wait waits until so much is filled, or no more will be.
func (p *preparation) wait(filled int64) {
	for p.filled.Load() < filled {
		select {
		case <-p.news:
		case <-p.done:
			return
		}
	}
}

// keepPace waits until as great a part of the next segment is made as is used of the active one when the
// batch is written. Saves that are faster than the making of segments would otherwise find the next one
// far from ready when they need it, and one of them would wait for all that is missing.
func (s *Store) keepPace() {
	p := s.next
	used := float64(s.active.at + s.batch.size() - p.begun)
	p.wait(int64(float64(p.size) * used / float64(s.active.size-p.begun)))
}

// take returns the file of the next segment, with room for need bytes, and its size. It waits for the
// preparation, of which keepPace has left little. What that failed to make, or made too small, is made
// once more, now: a disk that was full may have room again.
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
	file, err := fill(s.root, number, size, toTheEnd)
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
