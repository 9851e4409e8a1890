package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

const dir = "a1"

// tiny is segments so small that a few records fill one.
const tiny = store.HeaderBytes + 1024

func options(fs store.FS) store.Options {
	return store.InForeground(store.Options{
		Log: "main", Acceptor: "a1", SegmentBytes: tiny, FS: fs,
		NewID: func() paxos.StoreID { return paxos.StoreID{7, 3, 10} },
	})
}

func ballot(round uint64) paxos.Ballot {
	return paxos.Ballot{Round: round, Proposer: "p1", Start: paxos.Nonce{1, 2, 3}}
}

// run is count values from slot first on, of size bytes each, that tell their slot and their round.
func run(round uint64, first paxos.Slot, count, size int) paxos.Run {
	values := make([]paxos.Value, count)
	for i := range values {
		text := fmt.Sprintf("%d@%d ", first+paxos.Slot(i), round)
		data := make([]byte, max(size, len(text)))
		for n := copy(data, text); n < len(data); n++ {
			data[n] = byte(n)
		}
		values[i] = paxos.Value{
			Kind: paxos.KindValue, ID: paxos.ClientID(text), Time: int64(round), Data: data,
			Headers: []paxos.Header{{Name: "From", Value: "test"}},
		}
	}
	return paxos.Run{First: first, Values: values}
}

func accepted(round uint64, first paxos.Slot, count, size int) paxos.Record {
	return &paxos.AcceptedRecord{
		Proposal: paxos.Proposal{Ballot: ballot(round), Run: run(round, first, count, size)},
	}
}

func promised(round uint64) paxos.Record { return &paxos.PromisedRecord{Ballot: ballot(round)} }

func settled(through paxos.Slot) paxos.Record { return &paxos.SettledRecord{Through: through} }

func repaired(round uint64, first paxos.Slot, count, size int) paxos.Record {
	return &paxos.RepairedRecord{Run: run(round, first, count, size)}
}

// members are the acceptors that the script's acceptor founded its log with.
var members = paxos.Membership{Epoch: 1, Members: []paxos.Member{
	{ID: "a1", Store: paxos.StoreID{7, 3, 10}}, {ID: "a2"}, {ID: "a3"},
}}

// script is Saves that an acceptor could make: small and large, with holes, overwritten slots, and a
// record larger than a segment.
func script() [][]paxos.Record {
	return [][]paxos.Record{
		{&paxos.BootRecord{Boot: 1}},
		{&paxos.AdoptedRecord{Membership: members}},
		{&paxos.FreeRecord{}, promised(1)},
		{accepted(1, 1, 3, 40)},
		{accepted(1, 7, 2, 300), accepted(1, 4, 1, 16)},
		{settled(3), accepted(1, 9, 1, 500)},
		{promised(2)},
		{accepted(2, 4, 4, 100), accepted(2, 8, 1, 10), accepted(2, 9, 1, 10)},
		{settled(7)},
		{accepted(2, 10, 1, 2000)},
		{repaired(2, 8, 1, 10), accepted(2, 11, 2, 350), settled(10), accepted(2, 13, 1, 350)},
		{accepted(3, 15, 1, 30)},
		{accepted(3, 12, 3, 30), accepted(3, 16, 1, 900)},
		{settled(16)},
	}
}

// history is records as they are on disk, one after another, so that two can be compared.
type history []string

func (h *history) add(records ...paxos.Record) {
	for _, record := range records {
		*h = append(*h, string(codec.AppendRecord(nil, record)))
	}
}

// isPrefixOf reports whether h is the beginning of other, or all of it.
func (h history) isPrefixOf(other history) bool {
	if len(h) > len(other) {
		return false
	}
	for i := range h {
		if h[i] != other[i] {
			return false
		}
	}
	return true
}

// open opens the store and returns what it restored.
func open(o store.Options) (*store.Store, history, error) {
	var restored history
	s, err := store.Open(dir, o, func(r paxos.Record) { restored.add(r) })
	return s, restored, err
}

func mustOpen(t testing.TB, o store.Options) (*store.Store, history) {
	t.Helper()
	s, restored, err := open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, restored
}

func mustSave(t testing.TB, s *store.Store, records ...paxos.Record) {
	t.Helper()
	if err := s.Save(records); err != nil {
		t.Fatal(err)
	}
}

// outcome is how far a script came.
type outcome struct {
	attempted history // all that was given to Save
	acked     int     // how many of these Save reported as durable
	err       error   // that ended it

	savedAfterFailure bool // a Save succeeded after one that failed
}

// play runs the script on a disk, from a new store to its closing, opening it anew once on the way.
func play(fs *memfs.FS) (o outcome) {
	s, _, err := open(options(fs))
	if err != nil {
		return outcome{err: err}
	}
	for i, records := range script() {
		if i == 6 {
			if o.err = s.Close(); o.err != nil {
				return o
			}
			if s, _, o.err = open(options(fs)); o.err != nil {
				return o
			}
		}
		o.attempted.add(records...)
		if o.err = s.Save(records); o.err != nil {
			break
		}
		o.acked = len(o.attempted)
		if i%4 == 2 {
			if o.err = s.MarkSynced(); o.err != nil {
				break
			}
		}
	}
	if o.err == nil {
		o.err = s.Close()
		return o
	}
	o.savedAfterFailure = s.Save([]paxos.Record{promised(99)}) == nil || s.MarkSynced() == nil
	s.Close()
	return o
}

// played is a disk on which the whole script was played, and all its records.
func played(t testing.TB) (*memfs.FS, history) {
	t.Helper()
	fs := &memfs.FS{}
	o := play(fs)
	if o.err != nil {
		t.Fatal(o.err)
	}
	return fs, o.attempted
}

// model is what reads should find, worked out the plain way: every value by its slot, last one wins.
type model struct {
	values  map[paxos.Slot]paxos.Value
	settled paxos.Slot
}

func (m *model) add(records ...paxos.Record) {
	if m.values == nil {
		m.values = map[paxos.Slot]paxos.Value{}
	}
	for _, record := range records {
		switch r := record.(type) {
		case *paxos.AcceptedRecord:
			m.put(r.Proposal.Run)
		case *paxos.RepairedRecord:
			m.put(r.Run)
			m.settled = max(m.settled, r.Run.Last())
		case *paxos.SettledRecord:
			m.settled = max(m.settled, r.Through)
		}
	}
}

func (m *model) put(run paxos.Run) {
	for i, value := range run.Values {
		m.values[run.First+paxos.Slot(i)] = value
	}
}

// check reads all settled slots, in pages of a random size, and compares them.
func (m *model) check(t testing.TB, s *store.Store, random *rand.Rand) {
	t.Helper()
	for next := paxos.Slot(1); next <= m.settled; {
		page, err := s.Read(next, next+paxos.Slot(random.IntN(300)), 1+random.IntN(4000), false)
		if err != nil {
			t.Fatal(err)
		}
		if page.IsEmpty() || page.First != next || page.Last() > m.settled {
			t.Fatalf("reading from slot %d of %d gave slots %v", next, m.settled, page.Span())
		}
		for i, value := range page.Values {
			if want := m.values[next+paxos.Slot(i)]; !value.Equal(want) {
				t.Fatalf("slot %d is %q, want %q", next+paxos.Slot(i), value.Data, want.Data)
			}
		}
		next = page.Last() + 1
	}
	if beyond, err := s.Read(m.settled+1, m.settled+10, 1000, false); err != nil || !beyond.IsEmpty() {
		t.Fatalf("reading above settled gave %v, %v", beyond.Span(), err)
	}
}
