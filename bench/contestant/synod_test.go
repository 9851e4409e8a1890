package contestant

import (
	"strings"
	"testing"
)

func TestANodeIsToldAllItsRoles(t *testing.T) {
	s := &Synod{setup: Setup{Dir: "/data"}}
	for want, ids := range map[string][]string{
		"acceptor --id a2 --members a1,a2,a3 --data /data/store-a2 -s nats://b":                {"a2"},
		"learner --id l1 -s nats://b":                                                          {"l1"},
		"run --acceptor a1 --members a1,a2,a3 --data /data/store-a1 --proposer p1 -s nats://b": {"a1", "p1"},
	} {
		if got := strings.Join(s.arguments(ids, "nats://b"), " "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAContestantIsFoundByItsName(t *testing.T) {
	for _, name := range []string{"synod", "synod, three nodes", "jetstream, always", "etcd"} {
		newSystem, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := newSystem(Setup{}).Name(); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
	if _, err := Named("synod, four nodes"); err == nil {
		t.Error("a contestant was found that there is none of")
	}
}
