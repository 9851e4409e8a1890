package store_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

const (
	firstSegment  = "00000001.segment"
	secondSegment = "00000002.segment"
)

var founders = paxos.Membership{Epoch: 1, Members: []paxos.Member{
	{ID: "a1", Store: paxos.StoreID{7, 3, 10}}, {ID: "a2", Store: paxos.StoreID{2}},
}}

// inspected is what an acceptor saves: batches enough for several tiny segments.
func inspected() [][]paxos.Record {
	batches := [][]paxos.Record{
		{&paxos.BootRecord{Boot: 1}},
		{&paxos.AdoptedRecord{Membership: founders}},
		{&paxos.FreeRecord{}, promised(3)},
	}
	for slot := paxos.Slot(1); slot < 20; slot += 2 {
		batches = append(batches, []paxos.Record{accepted(3, slot, 2, 200), settled(slot)})
	}
	return append(batches, []paxos.Record{&paxos.BootRecord{Boot: 2, Began: 24}, promised(9)})
}

// saved makes a store on disk, and returns its directory. It was not closed where isKilled: its
// last batch is not marked as synced.
func saved(t *testing.T, isKilled bool) string {
	t.Helper()
	dir := t.TempDir()
	s, _, err := openAt(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range inspected() {
		mustSave(t, s, batch...)
	}
	if isKilled {
		kept := t.TempDir()
		copyStore(t, dir, kept)
		dir = kept
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openAt(dir string) (*store.Store, history, error) {
	o := options(nil)
	var h history
	s, err := store.Open(dir, o, func(r paxos.Record) { h.add(r) })
	return s, h, err
}

func copyStore(t *testing.T, from, to string) {
	t.Helper()
	for name, content := range contents(t, from) {
		if err := os.WriteFile(filepath.Join(to, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[entry.Name()] = string(data)
	}
	return all
}

// flip changes a bit of a byte in a file.
func flip(t *testing.T, dir, name string, at int64) {
	t.Helper()
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 1 << (at % 8)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func inspect(t *testing.T, dir string) store.Inspection {
	t.Helper()
	found, err := store.Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAnInspectionTellsWhatTheAcceptorWouldFind(t *testing.T) {
	dir := saved(t, false)
	found := inspect(t, dir)
	if found.Log != "main" || found.Acceptor != "a1" || found.ID != (paxos.StoreID{7, 3, 10}) {
		t.Errorf("it is of acceptor %s of log %s, store %v", found.Acceptor, found.Log, found.ID)
	}
	if found.Boot != 2 || found.Membership == nil || !found.Membership.Equal(founders) || !found.IsFree {
		t.Errorf("boot %d, membership %v, free %v", found.Boot, found.Membership, found.IsFree)
	}
	if found.Promised != ballot(9) || found.Settled != 19 || found.Highest != 20 || found.Records != 26 {
		t.Errorf("promised %v, settled %d, highest %d, %d records",
			found.Promised, found.Settled, found.Highest, found.Records)
	}
	if found.IsInUse || found.Torn != nil || len(found.Damage) > 0 {
		t.Errorf("a store that was closed is in use: %v, torn: %v, damaged: %v",
			found.IsInUse, found.Torn, found.Damage)
	}
	checkSegments(t, dir, found)
}

// checkSegments checks that each segment is told, with its size, and all records are in them.
func checkSegments(t *testing.T, dir string, found store.Inspection) {
	t.Helper()
	records, files := uint64(0), []string{}
	for _, segment := range found.Segments {
		info, err := os.Stat(filepath.Join(dir, segment.File))
		if err != nil {
			t.Fatal(err)
		}
		if segment.Bytes != info.Size() || segment.Used > segment.Bytes || segment.Used < store.HeaderBytes {
			t.Errorf("%+v has %d bytes", segment, info.Size())
		}
		records += segment.Records
		files = append(files, segment.File)
	}
	if records != found.Records {
		t.Errorf("the segments have %d records, the store %d", records, found.Records)
	}
	if len(files) < 3 || !slices.IsSorted(files) || files[0] != firstSegment {
		t.Errorf("segments %v", files)
	}
}

func TestAnInspectionChangesNothing(t *testing.T) {
	closed, killed, damagedStore, unlocked := saved(t, false), saved(t, true), saved(t, false), saved(t, false)
	tear(t, killed)
	flip(t, damagedStore, firstSegment, store.HeaderBytes+store.FrameBytes)
	if err := os.Remove(filepath.Join(unlocked, "lock")); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	for name, dir := range map[string]string{
		"closed": closed, "torn": killed, "damaged": damagedStore, "without a lock": unlocked,
	} {
		before := contents(t, dir)
		for file := range before {
			if err := os.Chtimes(filepath.Join(dir, file), past, past); err != nil {
				t.Fatal(err)
			}
		}
		inspect(t, dir)
		if !maps.Equal(contents(t, dir), before) {
			t.Errorf("%s: the files are not what they were", name)
		}
		for file := range before {
			info, err := os.Stat(filepath.Join(dir, file))
			if err != nil || !info.ModTime().Equal(past) {
				t.Errorf("%s: %s was written to (%v)", name, file, err)
			}
		}
	}
}

// tear changes a byte of the last batch, and takes its mark: nothing shows any more that the batch was
// synced.
func tear(t *testing.T, dir string) (file string, at int64) {
	t.Helper()
	files := contents(t, dir)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool {
		return !strings.HasSuffix(name, ".segment")
	})
	file = names[len(names)-1]
	from, _, mark := store.LastBatch([]byte(files[file]))
	data := []byte(files[file])
	clear(data[mark:])
	if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
		t.Fatal(err)
	}
	flip(t, dir, file, from+store.FrameBytes)
	return file, from + store.FrameBytes
}

func TestATornBatchIsToldAndNoDamage(t *testing.T) {
	dir := saved(t, true)
	file, at := tear(t, dir)
	found := inspect(t, dir)
	if len(found.Damage) > 0 || found.Torn == nil || found.Torn.File != file ||
		at < found.Torn.Offset || at >= found.Torn.Offset+found.Torn.Bytes {
		t.Fatalf("%s was torn at byte %d: torn %+v, damaged %v", file, at, found.Torn, found.Damage)
	}
	if found.Boot != 1 || found.Records != 24 || found.Promised != ballot(3) {
		t.Errorf("without the last batch: boot %d, %d records, promised %v", found.Boot, found.Records, found.Promised)
	}
}

// What an inspection says of any one changed bit is what the start of an acceptor comes to.
func TestAnInspectionAgreesWithTheStart(t *testing.T) {
	step := int64(307)
	if testing.Short() {
		step = 2311
	}
	for _, isKilled := range []bool{false, true} {
		dir := saved(t, isKilled)
		all := inspect(t, dir).Records
		for name, content := range contents(t, dir) {
			for at := int64(0); at < int64(len(content)); at += step {
				flip(t, dir, name, at)
				checkAgrees(t, dir, all, name, at)
				flip(t, dir, name, at)
			}
		}
	}
}

func checkAgrees(t *testing.T, dir string, all uint64, name string, at int64) {
	t.Helper()
	found := inspect(t, dir)
	started := t.TempDir()
	copyStore(t, dir, started)
	s, restored, err := openAt(started)
	var damage *store.DamagedError
	switch {
	case err == nil:
		if len(found.Damage) > 0 || found.Records != uint64(len(restored)) || found.Torn == nil && found.Records != all {
			t.Errorf("%s, byte %d: starts with %d records of %d, inspected %d, torn %v, damage %v",
				name, at, len(restored), all, found.Records, found.Torn, found.Damage)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	case errors.As(err, &damage):
		if len(found.Damage) != 1 || *found.Damage[0] != *damage {
			t.Errorf("%s, byte %d: the start says %v, the inspection %v", name, at, damage, found.Damage)
		}
	default:
		t.Errorf("%s, byte %d: %v", name, at, err)
	}
}

func TestDamageInSeveralSegmentsIsAllTold(t *testing.T) {
	dir := saved(t, false)
	all := inspect(t, dir)
	last := all.Segments[len(all.Segments)-1].File
	flip(t, dir, firstSegment, store.HeaderBytes+store.FrameBytes)
	flip(t, dir, secondSegment, 5) // its header
	found := inspect(t, dir)
	var files []string
	for _, damage := range found.Damage {
		files = append(files, damage.File)
	}
	if want := []string{firstSegment, secondSegment}; !slices.Equal(files, want) {
		t.Errorf("damage is told of %v, want %v", files, want)
	}
	if len(found.Segments) != len(all.Segments) || found.Segments[len(found.Segments)-1].File != last {
		t.Errorf("segments %+v, want those through %s", found.Segments, last)
	}
	if found.Boot != 2 || found.Settled != all.Settled || found.Records != all.Records || found.Torn != nil {
		t.Errorf("what is whole behind the damage was not read: %+v", found)
	}
}

func TestAMissingSegmentIsToldAndTheRestRead(t *testing.T) {
	dir := saved(t, false)
	all := inspect(t, dir)
	if err := os.Remove(filepath.Join(dir, secondSegment)); err != nil {
		t.Fatal(err)
	}
	found := inspect(t, dir)
	if len(found.Damage) != 1 || found.Damage[0].File != secondSegment {
		t.Errorf("damage %v, want that %s is missing", found.Damage, secondSegment)
	}
	if found.Boot != 2 || len(found.Segments) != len(all.Segments)-1 {
		t.Errorf("boot %d of %d segments", found.Boot, len(found.Segments))
	}
}

func TestAStoreInUseIsInspectedWhileItIsWritten(t *testing.T) {
	dir := t.TempDir()
	s, _, err := openAt(dir)
	if err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() {
		for slot := paxos.Slot(1); ; slot++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := s.Save([]paxos.Record{accepted(3, slot, 1, 100), settled(slot)}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	reached := paxos.Slot(0)
	for range 40 {
		found := inspect(t, dir)
		if !found.IsInUse || len(found.Damage) > 0 || found.Torn != nil || found.Settled < reached {
			t.Errorf("in use: %v, damage %v, torn %v, settled %d after %d",
				found.IsInUse, found.Damage, found.Torn, found.Settled, reached)
		}
		reached = found.Settled
	}
	close(stop)
	writing.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if inspect(t, dir).IsInUse {
		t.Error("a store that was closed is in use")
	}
}

func TestWhatIsNoStoreIsRefused(t *testing.T) {
	for name, dir := range map[string]string{"missing": filepath.Join(t.TempDir(), "x"), "empty": t.TempDir()} {
		var none *store.NotAStoreError
		if _, err := store.Inspect(dir); !errors.As(err, &none) || none.Dir != dir {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dir); name == "missing" && err == nil {
			t.Error("an inspection made the directory")
		}
	}
	dir := saved(t, false)
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var foreign *store.ForeignFileError
	if _, err := store.Inspect(dir); !errors.As(err, &foreign) || foreign.Name != "notes.txt" {
		t.Errorf("with a foreign file: %v", err)
	}
	var refused *store.UnreadableError
	if _, err := store.Inspect(filepath.Join(dir, "notes.txt")); !errors.As(err, &refused) {
		t.Errorf("a file: %v", err)
	}
}
