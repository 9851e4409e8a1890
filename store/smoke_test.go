package store_test

import (
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

func TestWhatWasSavedIsRestoredInOrder(t *testing.T) {
	dir := t.TempDir() + "/a/b"
	o := store.Options{Log: "main", Acceptor: "a1", SegmentBytes: 8192}
	s, err := store.Open(dir, o, func(paxos.Record) { t.Fatal("a new store has a record") })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		r := &paxos.AcceptedRecord{Proposal: paxos.Proposal{
			Ballot: paxos.Ballot{Round: 1, Proposer: "p1"},
			Run:    paxos.Run{First: paxos.Slot(i + 1), Values: []paxos.Value{{Kind: paxos.KindValue, Data: make([]byte, i*10)}}},
		}}
		if err := s.Save([]paxos.Record{r, &paxos.SettledRecord{Through: paxos.Slot(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	id := s.ID()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	s, err = store.Open(dir, o, func(paxos.Record) { n++ })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n != 200 || s.Sequence() != 200 || s.ID() != id {
		t.Fatal(n, s.Sequence())
	}
	run, err := s.Read(1, 200, 1<<20, false)
	if err != nil || len(run.Values) != 99 || len(run.Values[98].Data) != 980 {
		t.Fatal(err, len(run.Values))
	}
}
