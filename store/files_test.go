package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// isRead reports whether anything of a file but its name counts.
func isRead(name string) bool { return strings.HasSuffix(name, ".segment") }

func TestAMissingFileIsDamageOrOfNoAccount(t *testing.T) {
	fs, want := played(t)
	points := newAccount("file missing")
	for _, name := range fs.Names(dir) {
		points.begin()
		restored, err := openAndClose(without(fs, name))
		came := checkExact(t, restored, err, want, "without "+name)
		var damage *store.DamagedError
		if isRead(name) && (!errors.As(err, &damage) || damage.File != name) {
			t.Errorf("without %s: %v", name, err)
		}
		points.end(came)
	}
	points.close(t, exact, refused)
}

// others are disks with stores of another id, another acceptor and another log, and the same script.
func others(t *testing.T) map[string]*memfs.FS {
	t.Helper()
	all := map[string]*memfs.FS{}
	for name, change := range map[string]func(*store.Options){
		"another store":    func(o *store.Options) { o.NewID = func() paxos.StoreID { return paxos.StoreID{8} } },
		"another acceptor": func(o *store.Options) { o.Acceptor = "a2" },
		"another log":      func(o *store.Options) { o.Log = "orders" },
	} {
		fs := &memfs.FS{}
		o := options(fs)
		change(&o)
		s, _ := mustOpen(t, o)
		for _, records := range script() {
			mustSave(t, s, records...)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		all[name] = fs
	}
	return all
}

func TestNoFileThatIsAnothersIsTakenForTheTruth(t *testing.T) {
	fs, want := played(t)
	points := newAccount("file replaced by another, of the same store or not, or emptied")
	disks := others(t)
	disks["the same store"] = fs
	for _, name := range fs.Names(dir) {
		for whose, disk := range disks {
			for _, other := range disk.Names(dir) {
				if disk == fs && other == name {
					continue
				}
				where := fmt.Sprintf("%s replaced by %s of %s", name, other, whose)
				points.begin()
				restored, err := openChanged(fs, name, disk.Bytes(dir, other))
				points.end(checkExactOrForeign(t, restored, err, want, where))
			}
		}
		points.begin()
		restored, err := openChanged(fs, name, []byte{})
		points.end(checkExact(t, restored, err, want, name+" emptied"))
	}
	points.close(t, exact, refused)
}

// checkExactOrForeign is checkExact where a store may be refused as another's, too.
func checkExactOrForeign(t *testing.T, restored history, err error, want history, where string) class {
	t.Helper()
	var identity *store.IdentityError
	if errors.As(err, &identity) {
		return refused
	}
	return checkExact(t, restored, err, want, where)
}

func TestAFileTooManyIsRefusedOrOfNoAccount(t *testing.T) {
	fs, want := played(t)
	names := segments(fs)
	next := fmt.Sprintf("%08d", len(names)+1)
	last := fs.Bytes(dir, names[len(names)-1])
	points := newAccount("file too many")
	for name, data := range map[string][]byte{
		next + ".segment":                      last,
		next + ".next":                         last,
		fmt.Sprintf("%08d.next", len(names)+2): nil,
		"00000001.next":                        last,
		".snapshot":                            nil,
		"lost+found":                           nil,
	} {
		points.begin()
		restored, err := openChanged(fs, name, data)
		points.end(checkExact(t, restored, err, want, "with "+name))
	}
	for whose, disk := range others(t) {
		points.begin()
		restored, err := openChanged(fs, next+".segment", disk.Bytes(dir, "00000001.segment"))
		points.end(checkExact(t, restored, err, want, "with the first segment of "+whose))
	}
	for _, name := range []string{"notes.txt", "1.segment", "00000001.segment.bak"} {
		points.begin()
		_, err := openChanged(fs, name, last)
		var foreign *store.ForeignFileError
		if !errors.As(err, &foreign) || foreign.Name != name {
			t.Errorf("with %s: %v", name, err)
		}
		points.end(refused)
	}
	points.close(t, exact, refused)
}

// A file brought back as a whole is what no file system call can tell: a store rolled back, which the
// others know (TestAnAcceptorWhoseStoreForgotABatchIsFenced). Only the last segment can be, since what
// follows another says how that one ended.
func TestOnlyTheLastSegmentCanComeBackOldAsAWhole(t *testing.T) {
	whole, want := played(t)
	names := segments(whole)
	points := newAccount("file back as it once was, each time")
	for _, name := range names {
		seen := map[string]bool{string(whole.Bytes(dir, name)): true}
		for n := 1; n <= whole.Operations(); n++ {
			if whole.Operation(n).Name != name && whole.Operation(n).Name != strings.Replace(name, ".segment", ".next", 1) {
				continue
			}
			fs, _ := crashed(t, n)
			data := fs.Bytes(dir, name)
			if data == nil || seen[string(data)] {
				continue
			}
			seen[string(data)] = true
			where := fmt.Sprintf("%s as it was at operation %d", name, n)
			points.begin()
			restored, err := openChanged(whole, name, data)
			if name == names[len(names)-1] && err == nil && len(restored) < len(want) {
				if !restored.isPrefixOf(want) {
					t.Fatalf("%s: restored what never was", where)
				}
				points.end(forgotten)
				continue
			}
			points.end(checkExact(t, restored, err, want, where))
		}
	}
	points.close(t, exact, refused, forgotten)
}
