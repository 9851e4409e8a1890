package store_test

import (
	"slices"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

func TestTheIDIsToldBeforeTheFirstRecord(t *testing.T) {
	dir := t.TempDir()
	var told []string
	open := func() *store.Store {
		t.Helper()
		opened, err := store.Open(dir, store.Options{
			Log: "main", Acceptor: "a1", SegmentBytes: 64 << 10,
			Opened: func(id paxos.StoreID) { told = append(told, "id "+id.String()) },
		}, func(paxos.Record) { told = append(told, "record") })
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	made := open()
	id := "id " + made.ID().String()
	if err := made.Save([]paxos.Record{&paxos.FreeRecord{}}); err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	again := open()
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if want := []string{id, id, "record"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}
