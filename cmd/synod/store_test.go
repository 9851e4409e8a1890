package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

var storeMembers = paxos.Membership{Epoch: 1, Members: []paxos.Member{
	{ID: "a1", Store: paxos.StoreID{1}}, {ID: "a2", Store: paxos.StoreID{2}},
}}

// makeStore makes the store of an acceptor in ./a1, and returns it open.
func makeStore(t *testing.T) *store.Store {
	t.Helper()
	t.Chdir(t.TempDir())
	opened, err := store.Open("a1", store.Options{
		Log: "main", Acceptor: "a1", SegmentBytes: 8 << 10,
		NewID: func() paxos.StoreID { return paxos.StoreID{1} },
	}, func(paxos.Record) {})
	if err != nil {
		t.Fatal(err)
	}
	value := paxos.Value{Kind: paxos.KindValue, Data: []byte("red")}
	ballot := paxos.Ballot{Round: 7, Proposer: "p1"}
	for _, record := range []paxos.Record{
		&paxos.BootRecord{Boot: 1}, &paxos.AdoptedRecord{Membership: storeMembers}, &paxos.FreeRecord{},
		&paxos.AcceptedRecord{Proposal: paxos.Proposal{
			Ballot: ballot, Run: paxos.Run{First: 1, Values: []paxos.Value{value, value}},
		}},
		&paxos.SettledRecord{Through: 1},
	} {
		if err := opened.Save([]paxos.Record{record}); err != nil {
			t.Fatal(err)
		}
	}
	return opened
}

func closeStore(t *testing.T, opened *store.Store) {
	t.Helper()
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
}

// flipByte changes a byte of the store's only segment; a negative one is counted from what was
// written last.
func flipByte(t *testing.T, at int) {
	t.Helper()
	name := filepath.Join("a1", "00000001.segment")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(strings.TrimRight(string(data), "\x00"))
	}
	data[at] ^= 1
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantLine(t *testing.T, line, want string) {
	t.Helper()
	if got := runLine(t, line); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("synod %s printed\n%s\nwant%s", line, got, want)
	}
}

func TestInspectTellsWhatIsInAStore(t *testing.T) {
	closeStore(t, makeStore(t))
	wantLine(t, "store inspect a1", `
STORE         a1
state         sound
log           main
acceptor      a1
store id      01000000000000000000000000000000
boot          1
membership    epoch 1, tag 7b4a2be2def40c16: a1(01000000), a2(02000000)
free to vote  yes
promised      7.p1
settled       1
highest       2
records       5

SEGMENT           BYTES  USED  RECORDS
00000001.segment   8192  4400        5
exit 0`)
}

func TestCheckSaysThatAStoreIsSound(t *testing.T) {
	opened := makeStore(t)
	wantLine(t, "store check a1", `
a1: sound; 5 records in 1 segment, every checksum right (acceptor a1 of log main); in use: its acceptor runs, and what it writes now was not read
exit 0`)
	closeStore(t, opened)
	wantLine(t, "store check a1", `
a1: sound; 5 records in 1 segment, every checksum right (acceptor a1 of log main)
exit 0`)
}

func TestCheckNamesWhatIsTorn(t *testing.T) {
	closeStore(t, makeStore(t))
	flipByte(t, -1) // the mark, behind which nothing is
	wantLine(t, "store check a1", `
a1: torn; 00000001.segment at byte 4400: 225 bytes of a batch that was never acknowledged; the next start discards them, and nothing else is to be done
exit 1`)
}

func TestCheckNamesTheDamageAndTheRemedy(t *testing.T) {
	closeStore(t, makeStore(t))
	flipByte(t, 4096+32)
	wantLine(t, "store check a1", `
a1: damaged; its acceptor does not start
  00000001.segment at byte 4096: what follows record 0 has changed: batch 2 at byte 4136 shows that it was synced
  → keep the directory as it is and this acceptor stopped (the others go on without it), check the disk, and put back the very same file from a mirror if there is one; never an older copy, never a file cut short
exit 2`)
	if got := runLine(t, "store inspect a1"); !strings.Contains(got, "membership  not known") {
		t.Errorf("what is behind the damage is told as if it were not there:\n%s", got)
	}
}

func TestAStoreIsToldAsJSON(t *testing.T) {
	closeStore(t, makeStore(t))
	flipByte(t, -1)
	for _, command := range []string{"inspect", "check"} {
		out, _, _ := strings.Cut(runLine(t, "store "+command+" a1 -o json"), "\nexit")
		var got struct {
			Verdict    string
			InUse      bool `json:"in_use"`
			Store      string
			Membership struct{ Members []struct{ ID, Store string } }
			Free       bool `json:"free_to_vote"`
			Promised   string
			Settled    int
			Segments   []struct{ Bytes, Used, Records int }
			Torn       struct{ Offset int }
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v in %s", command, err, out)
		}
		if got.Verdict != "torn" || got.InUse || !strings.HasPrefix(got.Store, "0100") || !got.Free ||
			got.Promised != "7.p1" || got.Settled != 1 || len(got.Membership.Members) != 2 ||
			len(got.Segments) != 1 || got.Segments[0].Used != got.Torn.Offset {
			t.Errorf("%s: %+v", command, got)
		}
	}
}

func TestWhatCannotBeCheckedIsNotCalledSound(t *testing.T) {
	t.Chdir(t.TempDir())
	wantLine(t, "store check a1", `
stderr:
synod: a1 is no store: it does not exist; give the directory that the acceptor was started with
exit 3`)
	wantLine(t, "store inspect a1", `
stderr:
synod: a1 is no store: it does not exist; give the directory that the acceptor was started with
exit 1`)
	wantLine(t, "store inspect", `
stderr:
synod: synod store inspect needs the directory of a store
See `+"`synod store inspect --help`"+`.
exit 2`)
	wantLine(t, "store chekc a1", `
stderr:
synod: store has no command "chekc": inspect or check
See `+"`synod store --help`"+`.
exit 2`)
}
