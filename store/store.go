package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/synod-log/synod/paxos"
)

// defaultSegmentBytes is the size of a segment where the options name none.
const defaultSegmentBytes = 64 << 20

// Options say whose store it is. Log and Acceptor are required; the rest may be zero.
type Options struct {
	Log      string // name of the log
	Acceptor string // id of the acceptor

	// SegmentBytes is the size of a segment, header included; 0 is 64 MiB. A record that is larger
	// gets a segment that is large enough.
	SegmentBytes int64

	// FS is where the directory is; nil is the operating system's file system.
	FS FS

	// Opened is told the store's id before any record is restored, so that there can be something to
	// restore them to; nil is told nothing.
	Opened func(paxos.StoreID)

	// NewID draws the id of a store that is made; nil draws 16 random bytes.
	NewID func() paxos.StoreID

	run   func(func()) // runs what is done in the background; nil is a goroutine
	piece int64        // how much of a segment is read at a time, at least; 0 is pieceBytes
}

func (o Options) complete() (Options, error) {
	if o.Log == "" || o.Acceptor == "" || len(o.Log) > maxName || len(o.Acceptor) > maxName {
		return o, fmt.Errorf("store: log %q and acceptor %q must have names of 1 to %d bytes",
			o.Log, o.Acceptor, maxName)
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = defaultSegmentBytes
	}
	o.SegmentBytes = max(padded(o.SegmentBytes), room(headerBytes+frameBytes+alignment))
	if o.FS == nil {
		o.FS = osFS{}
	}
	if o.NewID == nil {
		o.NewID = func() (id paxos.StoreID) {
			rand.Read(id[:]) // never fails
			return id
		}
	}
	if o.piece == 0 {
		o.piece = pieceBytes
	}
	if o.Opened == nil {
		o.Opened = func(paxos.StoreID) {}
	}
	if o.run == nil {
		o.run = inBackground
	}
	return o, nil
}

func inBackground(f func()) { go f() }

// Store is an acceptor's memory: its records, in order, durable once Save has returned. Its methods
// may be called by many goroutines at once; Saves follow one another, Reads never wait for them.
type Store struct {
	dir     string
	options Options
	id      paxos.StoreID
	root    Root
	lock    io.Closer

	writing  sync.Mutex // held by whoever writes; guards what follows
	active   *segment
	next     *preparation
	batch    batch
	markData [frameBytes]byte
	isMarked bool // the last batch's mark is synced, or there is no batch
	failed   error

	mutex sync.RWMutex // guards state; writers hold writing too, and so may read without it
	state state
}

// ID is the id that was drawn when the store was made.
func (s *Store) ID() paxos.StoreID { return s.id }

// Sequence is the number of the last durable record; 0 where there is none.
func (s *Store) Sequence() uint64 {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.state.sequence
}

// Save makes records durable, in order: one write and one sync for all, except where a segment ends,
// which ends a batch too. A crash before Save returns leaves the first some of the records, or none.
//
// The first error, a *FailedError, is returned by every later call as well: after it nobody knows what
// is on disk, and a sync that failed once may claim success the next time. The process must end, and
// start again.
func (s *Store) Save(records []paxos.Record) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.failed != nil || len(records) == 0 {
		return s.failed
	}
	err := s.save(records)
	if err == nil {
		err = s.mark()
	}
	return s.fail(err)
}

func (s *Store) save(records []paxos.Record) error {
	s.batch.reset()
	for _, record := range records {
		need := s.batch.add(record)
		if room(s.active.at+s.batch.size()) <= s.active.size {
			continue
		}
		s.batch.drop()
		if err := s.flush(); err != nil {
			return err
		}
		if err := s.roll(room(headerBytes + need)); err != nil {
			return err
		}
		s.batch.add(record)
	}
	return s.flush()
}

// flush writes and syncs the batch, and only then lets it count.
func (s *Store) flush() error {
	if len(s.batch.records) == 0 {
		return nil
	}
	s.keepPace()
	number := s.state.batch + 1
	if err := s.write(s.batch.close(s.active, s.state.sequence, number)); err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.state.batch = number
	for i, record := range s.batch.records {
		at := s.batch.places[i]
		s.state.apply(record, place{s.active.number, s.active.at + at.from, s.active.at + at.to})
	}
	s.active.at += s.batch.size()
	s.batch.reset()
	return nil
}

func (s *Store) write(data []byte) error {
	return put(s.active.file, segmentName(s.active.number), data, s.active.at)
}

// roll goes on in a new segment, of at least need bytes.
func (s *Store) roll(need int64) error {
	number := s.active.number + 1
	file, size, err := s.take(number, need)
	if err != nil {
		return err
	}
	next, err := begin(s.root, file, s.header(number, size))
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if err := s.active.file.Close(); err != nil {
		return errors.Join(err, file.Close())
	}
	s.active = next
	s.prepare(number + 1)
	return nil
}

func (s *Store) header(number uint64, size int64) header {
	return header{
		log: s.options.Log, acceptor: s.options.Acceptor, store: s.id,
		number: number, size: size, base: s.state.standing,
	}
}

// fail makes the first error the answer to every later Save.
func (s *Store) fail(err error) error {
	if err != nil {
		s.failed = &FailedError{Dir: s.dir, Err: err}
	}
	return s.failed
}

// Close marks everything as synced and gives the directory up. The error of a store that failed is
// returned once more.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if errors.Is(s.failed, ErrClosed) {
		return nil
	}
	err := s.failed
	if err == nil {
		err = s.fail(s.syncMark())
	}
	s.failed = ErrClosed
	return errors.Join(err, s.release())
}

// release closes what is open. The lock goes last.
func (s *Store) release() error {
	err := s.abandon()
	if s.active != nil {
		err = errors.Join(err, s.active.file.Close())
	}
	return errors.Join(err, s.root.Close(), s.lock.Close())
}
