package paxos

import (
	"strings"
	"testing"
)

var (
	storeA = StoreID{0xaa}
	storeB = StoreID{0xbb}
	storeC = StoreID{0xcc}
	three  = Membership{Epoch: 1, Members: []Member{{"a1", storeA}, {"a2", storeB}, {"a3", storeC}}}
)

func boot(store StoreID, boot, sequence uint64, began ...uint64) *AcceptorHello {
	return &AcceptorHello{Store: store, Boot: boot, Sequence: sequence, Began: began, Membership: &three, Free: true}
}

func TestAVoteCountsOnceTheHelloOfItsBootWasHeard(t *testing.T) {
	c := newCensus(three)
	if c.counts("a1", 1, 5) {
		t.Error("counted before a hello")
	}
	c.hello("a1", Nonce{1}, boot(storeA, 1, 5, 0))
	if !c.counts("a1", 1, 9) {
		t.Error("not counted after the hello")
	}
	if c.counts("a1", 2, 12) {
		t.Error("a boot whose hello was not heard is counted")
	}
	if c.counts("a9", 1, 1) {
		t.Error("a stranger is counted")
	}
}

func TestAStoreThatForgotIsNotCounted(t *testing.T) {
	c := newCensus(three)
	c.hello("a1", Nonce{1}, boot(storeA, 1, 5, 0))
	c.counts("a1", 1, 90)
	if text := c.hello("a1", Nonce{2}, boot(storeA, 2, 60, 50, 0)); !strings.Contains(text, "has forgotten votes") {
		t.Errorf("the hello of a boot that began at 50 after 90 was heard says %q", text)
	}
	if c.counts("a1", 2, 61) {
		t.Error("a rolled back store is counted")
	}
	if c.counts("a2", 1, 1) {
		t.Error("another acceptor's vote is counted without its hello")
	}
}

func TestAVoteThatComesLateShowsThatItsStoreForgot(t *testing.T) {
	c := newCensus(three)
	c.hello("a1", Nonce{1}, boot(storeA, 1, 5, 0))
	c.hello("a1", Nonce{2}, boot(storeA, 2, 60, 50, 0))
	if !c.counts("a1", 2, 61) {
		t.Fatal("a plain restart is not counted")
	}
	c.counts("a1", 1, 80) // sent before the restart, heard after it
	if c.counts("a1", 2, 62) {
		t.Error("a store that began at 50 is counted although 80 was heard before")
	}
}

func TestTwoProcessesOfOneBootAreNotCounted(t *testing.T) {
	c := newCensus(three)
	c.hello("a1", Nonce{1}, boot(storeA, 4, 5, 3))
	c.hello("a1", Nonce{2}, boot(storeA, 4, 6, 3))
	if c.counts("a1", 4, 7) {
		t.Error("a twin is counted")
	}
}

func TestHellosThatComeLateOrTwiceChangeNothing(t *testing.T) {
	c := newCensus(three)
	first, second := boot(storeA, 1, 5, 0), boot(storeA, 2, 60, 50, 0)
	c.hello("a1", Nonce{1}, first)
	c.counts("a1", 1, 50)
	for range 2 {
		c.hello("a1", Nonce{2}, second)
		c.hello("a1", Nonce{1}, first)
	}
	if !c.counts("a1", 2, 61) {
		t.Error("not counted after late hellos")
	}
}

func TestTheCensusRemembersABoundedNumberOfBoots(t *testing.T) {
	c := newCensus(three)
	for n := uint64(1); n <= 40; n++ {
		c.hello("a1", Nonce{byte(n)}, boot(storeA, n, n*10, n*10-5, n*10-10))
	}
	if got := len(c.acceptors[0].boots); got != maxBoots {
		t.Errorf("%d boots are remembered, want %d", got, maxBoots)
	}
	if !c.counts("a1", 40, 401) || c.counts("a1", 3, 1) {
		t.Error("the last boot is to be counted, one long gone is not")
	}
}

func acceptorAt(id string, store StoreID) *Acceptor {
	return NewAcceptor(AcceptorOptions{Log: "main", ID: id, Founders: three.IDs(), Store: store, Process: Nonce{byte(store[0])}})
}

func noticesOf(e Effects) string {
	var texts []string
	for _, notice := range e.Notices {
		texts = append(texts, notice.Text)
	}
	return strings.Join(texts, "\n")
}

func TestAnAcceptorStopsWhenItHearsThatItRunsTwice(t *testing.T) {
	for name, told := range map[string]Heard{
		"a higher boot":                 {Acceptor: "a1", Store: storeA, Boot: 3, Process: Nonce{9}},
		"the same boot, other process":  {Acceptor: "a1", Store: storeA, Boot: 2, Process: Nonce{9}},
		"votes that it does not have":   {Acceptor: "a1", Store: storeA, Boot: 1, Process: Nonce{9}, Sequence: 50},
		"a higher boot without a hello": {Acceptor: "a1", Store: storeA, Boot: 3},
	} {
		for from, wantStop := range map[Address]bool{
			{RoleProposer, "p1"}: true, {RoleAcceptor, "a2"}: true, {RoleLearner, "l1"}: false, {RoleAcceptor, "a9"}: false,
		} {
			a := acceptorAt("a1", storeA)
			a.Restore(&BootRecord{Boot: 1})
			a.Restore(&AdoptedRecord{Membership: three})
			a.Restore(&FreeRecord{})
			a.Start()
			e := a.Step(Message{From: from, Tag: three.Tag("main"), Body: &Hello{Process: Nonce{7}, Heard: []Heard{told}}})
			isStopped := len(e.Notices) > 0 && e.Notices[0].Fatal
			if isStopped != wantStop {
				t.Errorf("%s, told by %s: stopped %v, want %v (%s)", name, from, isStopped, wantStop, noticesOf(e))
			}
		}
	}
}

func TestAnAcceptorIsNotStoppedByItsOwnPast(t *testing.T) {
	for name, told := range map[string]Heard{
		"itself":                  {Acceptor: "a1", Store: storeA, Boot: 2, Process: Nonce{0xaa}, Sequence: 4},
		"a vote without a hello":  {Acceptor: "a1", Store: storeA, Boot: 2},
		"an earlier boot":         {Acceptor: "a1", Store: storeA, Boot: 1, Process: Nonce{3}, Sequence: 3},
		"another store of its id": {Acceptor: "a1", Store: storeB, Boot: 9, Process: Nonce{3}, Sequence: 99},
	} {
		a := acceptorAt("a1", storeA)
		a.Restore(&BootRecord{Boot: 1})
		a.Restore(&AdoptedRecord{Membership: three})
		a.Restore(&FreeRecord{})
		a.Start()
		e := a.Step(Message{From: Address{Role: RoleProposer, ID: "p1"}, Tag: three.Tag("main"),
			Body: &Hello{Process: Nonce{7}, Heard: []Heard{told}}})
		if len(e.Notices) > 0 {
			t.Errorf("%s: %s", name, noticesOf(e))
		}
	}
}

func TestAnAcceptorThatLostItsStoreSaysSoAndDoesNotRun(t *testing.T) {
	for _, c := range []struct {
		name string
		free bool
		want string
	}{
		{"after founding", true, "do not empty another"},
		{"while founding", false, "empty their data directories and start them again"},
	} {
		a := acceptorAt("a1", StoreID{0x11})
		a.Start()
		for _, other := range []Member{{"a2", storeB}, {"a3", storeC}} {
			h := boot(other.Store, 1, 5, 0)
			h.Founders, h.Free = three.IDs(), c.free
			a.Step(Message{From: Address{Role: RoleAcceptor, ID: other.ID}, Tag: three.Tag("main"),
				Body: &Hello{Process: Nonce{other.Store[0]}, Acceptor: h}})
		}
		text := ""
		for range 3 * DefaultTiming().Listen {
			e := a.Tick()
			text += noticesOf(e)
			if len(e.Save) > 0 {
				t.Fatalf("%s: it adopts all the same", c.name)
			}
		}
		if !strings.Contains(text, "acceptor a1 lost its store (log main knows it as aa000000") ||
			!strings.Contains(text, c.want) {
			t.Errorf("%s: it says %q, want %q in it", c.name, text, c.want)
		}
	}
}

func TestAnAcceptorRefusesOtherMembersThanItsStoreHas(t *testing.T) {
	a := NewAcceptor(AcceptorOptions{Log: "main", ID: "a1", Founders: []string{"a1", "a2", "a4"}, Store: storeA})
	a.Restore(&AdoptedRecord{Membership: three})
	e := a.Start()
	if len(e.Notices) != 1 || !e.Notices[0].Fatal || len(e.Save)+len(e.Send) > 0 {
		t.Errorf("it starts: %s", noticesOf(e))
	}
}

func TestFoundersWithOtherMembersDoNotAdopt(t *testing.T) {
	a := acceptorAt("a1", storeA)
	a.Start()
	h := boot(storeB, 1, 2, 0)
	h.Membership, h.Free, h.Founders = nil, false, []string{"a1", "a2", "a4"}
	a.Step(Message{From: Address{Role: RoleAcceptor, ID: "a2"}, Body: &Hello{Process: Nonce{5}, Acceptor: h}})
	text := ""
	for range 2 * DefaultTiming().Listen {
		text += noticesOf(a.Tick())
	}
	if want := "acceptor a2 names other members of log main (a1, a2, a4) than this one (a1, a2, a3)"; !strings.Contains(text, want) {
		t.Errorf("it says %q, want %q in it", text, want)
	}
	if a.Status().Membership.Members != nil {
		t.Error("it adopted a membership")
	}
}

func TestAMembershipIsPinnedWhenAQuorumOfItSaysSoAndOneIsFree(t *testing.T) {
	p := newPinning("main")
	first := boot(storeA, 1, 1, 0)
	if now, _ := p.hello("a1", Nonce{1}, first); now {
		t.Fatal("pinned by one of three")
	}
	notFree := boot(storeB, 1, 1, 0)
	notFree.Free = false
	if now, _ := p.hello("a2", Nonce{2}, notFree); !now {
		t.Error("not pinned by two of three, one of them free")
	}
	if _, warning := p.hello("a3", Nonce{3}, boot(StoreID{0x33}, 1, 1, 0)); !strings.Contains(warning, "knows it with store") {
		t.Errorf("another store of a3 is met with %q", warning)
	}
}

func TestAnotherMembershipThanTheOnePinnedIsReported(t *testing.T) {
	p := newPinning("main")
	p.hello("a1", Nonce{1}, boot(storeA, 1, 1, 0))
	p.hello("a2", Nonce{2}, boot(storeB, 1, 1, 0))
	other := Membership{Epoch: 1, Members: []Member{{"b1", storeA}}}
	now, warning := p.hello("b1", Nonce{3}, &AcceptorHello{Store: storeA, Boot: 1, Membership: &other, Free: true})
	if now || !p.pinned.Equal(three) || !strings.Contains(warning, "another membership") ||
		!strings.Contains(warning, other.String()) || !strings.Contains(warning, three.String()) {
		t.Errorf("pinned %v, warning %q", p.pinned, warning)
	}
}

func TestTheTagTellsLogEpochMembersAndStoresApart(t *testing.T) {
	tags := map[Tag]string{}
	for name, tag := range map[string]Tag{
		"itself":     three.Tag("main"),
		"other log":  three.Tag("other"),
		"next epoch": Membership{Epoch: 2, Members: three.Members}.Tag("main"),
		"fewer":      Membership{Epoch: 1, Members: three.Members[:2]}.Tag("main"),
		"new store":  Membership{Epoch: 1, Members: []Member{{"a1", StoreID{1}}, {"a2", storeB}, {"a3", storeC}}}.Tag("main"),
	} {
		if have, ok := tags[tag]; ok {
			t.Errorf("%s and %s have the same tag", name, have)
		}
		tags[tag] = name
	}
}
