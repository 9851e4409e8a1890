package store_test

import (
	"fmt"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// lastBatch is where in a segment its last batch lies, and where the mark of that begins.
func lastBatch(fs *memfs.FS, name string) (from, end, mark int) {
	f, e, m := store.LastBatch(fs.Bytes(dir, name))
	return int(f), int(e), int(m)
}

// unmarked is a store that lost its power after its last batch was synced, and acknowledged, and
// before anything else was. Kept is all before that batch.
func unmarked(t *testing.T) (fs *memfs.FS, name string, kept, want history) {
	t.Helper()
	fs = &memfs.FS{}
	s, _ := mustOpen(t, options(fs))
	batches := script()[:4]
	for i, records := range batches {
		mustSave(t, s, records...)
		want.add(records...)
		if i == len(batches)-2 {
			kept = append(kept, want...)
		}
	}
	fs = fs.Crash(0)
	names := segments(fs)
	return fs, names[len(names)-1], kept, want
}

// What is left of the exception that package store documents, to the bit: after a power failure that
// took the mark, and until the next start, any change in the last batch looks like a tear. It costs
// that batch, and nothing else.
func TestAfterAPowerFailureAChangeInTheLastBatchAloneLooksLikeATear(t *testing.T) {
	fs, name, kept, want := unmarked(t)
	from, end, _ := lastBatch(fs, name)
	points := newAccount("bit flipped after a power failure took the mark")
	data := fs.Bytes(dir, name)
	first, last, count := 0, 0, 0
	for bit := 8 * store.HeaderBytes; bit < 8*len(data); bit++ {
		data[bit/8] ^= 1 << (bit % 8)
		points.begin()
		restored, err := openChanged(fs, name, data)
		if err == nil && len(restored) == len(kept) && restored.isPrefixOf(want) {
			points.end(forgotten)
			if count++; first == 0 {
				first = bit
			}
			last = bit
		} else {
			points.end(checkExact(t, restored, err, want, fmt.Sprintf("bit %d of byte %d", bit%8, bit/8)))
		}
		data[bit/8] ^= 1 << (bit % 8)
	}
	points.close(t, exact, refused, forgotten)
	if first != 8*from || last != 8*end-1 || count != last-first+1 {
		t.Errorf("%d bits, from byte %d to byte %d, look like a tear; the batch is at %d to %d",
			count, first/8, last/8, from, end)
	}
}

// The exception ends with the next start: a store that was opened has nothing unmarked.
func TestTheNextStartMarksTheLastBatch(t *testing.T) {
	fs, name, _, want := unmarked(t)
	s, _ := mustOpen(t, options(fs))
	marked := fs.Kill()
	from, end, _ := lastBatch(marked, name)
	points := newAccount("bit flipped in the last batch after a start")
	for bit := 8 * from; bit < 8*end; bit++ {
		data := marked.Bytes(dir, name)
		data[bit/8] ^= 1 << (bit % 8)
		restored, err := openChanged(marked, name, data)
		points.begin()
		points.end(checkExact(t, restored, err, want, fmt.Sprintf("bit %d", bit)))
	}
	points.close(t, refused)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// An acceptor that forgot its last batch begins its next boot below what others heard of it. Each that
// heard says so, and told of it, the acceptor stops before it votes.
func TestAnAcceptorWhoseStoreForgotABatchIsFenced(t *testing.T) {
	fs, name, kept, want := unmarked(t)
	from, _, _ := lastBatch(fs, name)
	fs.Flip(dir, name, int64(from)*8)
	acceptor := newAcceptor()
	s, err := store.Open(dir, options(fs), acceptor.Restore)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Sequence(); got != uint64(len(kept)) {
		t.Fatalf("the store has %d records; %d were kept of %d", got, len(kept), len(want))
	}
	boot := acceptor.Start().Save[0].(*paxos.BootRecord)
	if boot.Began != uint64(len(kept)) || boot.Boot != 2 {
		t.Fatalf("boot %d began at record %d, want boot 2 at %d", boot.Boot, boot.Began, len(kept))
	}
	effects := acceptor.Step(paxos.Message{
		From: paxos.Address{Role: paxos.RoleAcceptor, ID: "a2"}, Tag: members.Tag("main"),
		Body: &paxos.Hello{Process: paxos.Nonce{2}, Heard: []paxos.Heard{{
			Acceptor: "a1", Store: s.ID(), Boot: 1, Process: paxos.Nonce{1}, Sequence: uint64(len(want)),
		}}},
	})
	if len(effects.Notices) == 0 || !effects.Notices[0].Fatal {
		t.Errorf("told of record %d, it does not stop: %+v", len(want), effects.Notices)
	}
}

// newAcceptor is the acceptor whose store the script writes.
func newAcceptor() *paxos.Acceptor {
	return paxos.NewAcceptor(paxos.AcceptorOptions{
		Log: "main", ID: "a1", Founders: []string{"a1", "a2", "a3"}, Store: options(nil).NewID(),
		Process: paxos.Nonce{9},
	})
}
