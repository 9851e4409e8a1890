package codec

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
)

var (
	proposer = paxos.Address{Role: paxos.RoleProposer, ID: "p1"}
	acceptor = paxos.Address{Role: paxos.RoleAcceptor, ID: "a1"}
	learner  = paxos.Address{Role: paxos.RoleLearner, ID: "l1"}
	library  = paxos.Address{Role: paxos.RoleClient, ID: "shop"}
	nobody   = paxos.Address{}
)

func subjectsOf(t testing.TB, prefix, log string) *Subjects {
	t.Helper()
	s, err := NewSubjects(prefix, log)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// routes are a message of each kind, and the subject that the design gives it.
func routes() []route {
	return []route{
		{proposer, nobody, &paxos.Prepare{}, "synod.main.p.p1.prepare"},
		{acceptor, proposer, &paxos.Promise{}, "synod.main.a.a1.promise.p1"},
		{proposer, nobody, &paxos.Accept{}, "synod.main.p.p1.accept"},
		{acceptor, proposer, &paxos.Accepted{}, "synod.main.a.a1.accepted.p1"},
		{proposer, nobody, &paxos.Chosen{}, "synod.main.p.p1.chosen"},
		{acceptor, proposer, &paxos.Preempted{}, "synod.main.a.a1.preempted.p1"},
		{proposer, nobody, &paxos.Stop{}, "synod.main.p.p1.stop"},
		{proposer, acceptor, &paxos.Pull{}, "synod.main.p.p1.pull.a1"},
		{acceptor, acceptor, &paxos.Pull{}, "synod.main.a.a1.pull.a1"},
		{learner, acceptor, &paxos.Pull{}, "synod.main.l.l1.pull.a1"},
		{library, acceptor, &paxos.Pull{}, "synod.main.c.shop.pull.a1"},
		{acceptor, proposer, &paxos.Settled{}, "synod.main.a.a1.settled.p.p1"},
		{acceptor, acceptor, &paxos.Settled{}, "synod.main.a.a1.settled.a.a1"},
		{acceptor, learner, &paxos.Settled{}, "synod.main.a.a1.settled.l.l1"},
		{acceptor, library, &paxos.Settled{}, "synod.main.a.a1.settled.c.shop"},
		{proposer, nobody, &paxos.Hello{}, "synod.main.p.p1.hello"},
		{acceptor, nobody, &paxos.Hello{}, "synod.main.a.a1.hello"},
		{learner, nobody, &paxos.Hello{}, "synod.main.l.l1.hello"},
		{library, nobody, &paxos.Hello{}, "synod.main.c.shop.hello"},
		{library, nobody, &paxos.Propose{}, "synod.main.c.shop.propose"},
	}
}

type route struct {
	from, to paxos.Address
	body     paxos.Body
	subject  string
}

func TestSubjectsAreThoseOfTheDesignAndReadBack(t *testing.T) {
	s := subjectsOf(t, "", "main")
	for _, r := range routes() {
		for range 2 { // built, and kept
			if got := s.Subject(paxos.Message{From: r.from, To: r.to, Body: r.body}); got != r.subject {
				t.Errorf("%T: got %q, want %q", r.body, got, r.subject)
			}
		}
		from, to, verb, err := s.Parse(r.subject)
		if err != nil || from != r.from || to != r.to || verb != VerbOf(r.body) {
			t.Errorf("%s: got %v, %v, %q, %v", r.subject, from, to, verb, err)
		}
	}
}

func TestSubjectsForTheWorldAreReadBack(t *testing.T) {
	s := subjectsOf(t, "team.synod", "main")
	const instance = "0011223344aabbff"
	for _, want := range []struct {
		subject, literal string
		from, to         paxos.Address
		verb             Verb
	}{
		{s.Propose(), "team.synod.main.propose", nobody, nobody, VerbPropose},
		{s.Chosen(), "team.synod.main.chosen", nobody, nobody, VerbChosen},
		{s.Read(), "team.synod.main.read", nobody, nobody, VerbRead},
		{s.Status(paxos.RoleLearner, "l1"), "team.synod.main.status.l.l1", nobody, learner, VerbStatus},
		{s.Outcome("p1", "shop", instance), "team.synod.main.p.p1.outcome.shop." + instance, proposer,
			paxos.Address{Role: paxos.RoleClient, ID: "shop." + instance}, VerbOutcome},
	} {
		if want.subject != want.literal {
			t.Errorf("got %q, want %q", want.subject, want.literal)
		}
		from, to, verb, err := s.Parse(want.literal)
		if err != nil || from != want.from || to != want.to || verb != want.verb {
			t.Errorf("%s: got %v, %v, %q, %v", want.literal, from, to, verb, err)
		}
	}
}

func TestWhoeverAMessageIsForHearsIt(t *testing.T) {
	s := subjectsOf(t, "", "main")
	hears := map[Verb]string{ // the roles that take what is for everyone
		VerbPrepare: "a", VerbAccept: "palc", VerbChosen: "lc", VerbStop: "pa", VerbHello: "palc",
		VerbPropose: "p",
	}
	for _, r := range routes() {
		for _, self := range []paxos.Address{proposer, acceptor, learner, library} {
			want := r.to == self
			if r.to == nobody {
				want = strings.Contains(hears[VerbOf(r.body)], string(self.Role))
			}
			heard := 0
			for _, pattern := range s.Subscriptions(self) {
				if matches(pattern, r.subject) {
					heard++
				}
			}
			if heard > 1 || (heard == 1) != want {
				t.Errorf("%v hears %s %d times, want %v", self, r.subject, heard, want)
			}
		}
	}
	if pattern := s.OutcomeSubscription("shop", "x"); !matches(pattern, s.Outcome("p2", "shop", "x")) {
		t.Errorf("%s does not hear outcomes", pattern)
	}
	if got := s.Subscriptions(proposer)[0]; got != s.Propose() {
		t.Errorf("a proposer listens to %s first, want %s", got, s.Propose())
	}
}

// matches says whether a broker hands a subject to a subscription.
func matches(pattern, subject string) bool {
	want, got := strings.Split(pattern, "."), strings.Split(subject, ".")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != got[i] {
			return false
		}
	}
	return true
}

func TestAMessageForNobodyInParticularMustBeOfSuchAKind(t *testing.T) {
	s := subjectsOf(t, "", "main")
	for _, body := range []paxos.Body{&paxos.Promise{}, &paxos.Pull{First: 1}, &paxos.Settled{}, nil} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T for everyone has a subject", body)
				}
			}()
			s.Subject(paxos.Message{From: acceptor, Body: body})
		}()
	}
}

func TestForeignSubjectsAreRefused(t *testing.T) {
	s := subjectsOf(t, "", "main")
	for _, subject := range []string{
		"", "synod", "synod.main", "synod.main.", "synod.other.propose", "synod.main.accept",
		"synod.main.p.p1", "synod.main.p.p1.", "synod.main.p..accept", "synod.main.p.p1.accept.",
		"synod.main.p.p1.accept.a1", "synod.main.p.*.accept", "synod.main.p.>", "synod.main.p.p1.Accept",
		"synod.main.p.p 1.accept", "synod.main.p.p1.accept\x00", "synod.main.x.p1.accept",
		"synod.main.a.a1.accept", "synod.main.l.l1.stop", "synod.main.c.shop.prepare",
		"synod.main.p.p1.promise.p2", "synod.main.a.a1.promise", "synod.main.a.a1.promise.p.p1",
		"synod.main.a.a1.promise.*", "synod.main.a.a1.settled.p1", "synod.main.a.a1.settled.x.p1",
		"synod.main.l.l1.pull", "synod.main.p.p1.propose", "synod.main.status.p.hello.x",
		"synod.main.status.c.shop", "synod.main.status.p", "synod.main.c.shop.outcome.shop.0011223344aabbff",
		"synod.main.p.p1.outcome.shop", "synod.main.p.p1.outcome.shop.0011223344AABBFF",
		"synod.main.p.p1.outcome.shop.00", "synod.main.p.p1.outcome.shop.0011223344aabbfg", "synod.main.a.a1.settled.p.p1.x", "Synod.main.propose",
		"synod.main.p." + strings.Repeat("p", 33) + ".accept", "synod.main.a.a1.accepted.slot.7",
	} {
		var refused *Error
		if _, _, _, err := s.Parse(subject); !errors.As(err, &refused) || refused.Reason != ReasonSubject {
			t.Errorf("%q: got %v, want it refused", subject, err)
		}
	}
}

func TestABodyMustFitItsSubject(t *testing.T) {
	s := subjectsOf(t, "", "main")
	bodies := append(append(ballotSamples(), runSamples()...), helloSamples()...)
	for _, r := range routes() {
		for _, b := range bodies {
			if b.body == nil {
				continue
			}
			m, err := s.Decode(r.subject, b.append(nil))
			if VerbOf(b.body) == VerbOf(r.body) {
				if err != nil || m.From != r.from || m.To != r.to || m.Tag != sampleTag {
					t.Errorf("%s: got %v, %v", r.subject, m, err)
				}
				continue
			}
			var refused *Error
			if !errors.As(err, &refused) || refused.Reason != ReasonVerb {
				t.Errorf("%s carries a %s: got %v, want it refused", r.subject, b.name, err)
			}
		}
	}
	propose := AppendMessage(nil, sampleTag, &paxos.Propose{Values: sampleValues[1:2]})
	for subject, want := range map[string]Reason{
		s.Propose(): ReasonVerb, "synod.main.x.y.hello": ReasonSubject,
	} {
		var refused *Error
		if _, err := s.Decode(subject, propose); !errors.As(err, &refused) || refused.Reason != want {
			t.Errorf("%s: got %v, want it refused", subject, err)
		}
	}
	if _, err := s.Decode("synod.main.c.shop.propose", propose[:9]); err == nil {
		t.Error("half a message was taken")
	}
}

func TestAReplyGoesToTheClientThatProposed(t *testing.T) {
	s := subjectsOf(t, "", "main")
	sent := &paxos.Propose{
		Values: sampleValues[1:2],
		Reply:  paxos.Reply{Client: true, To: "liar.0011223344aabbff", Number: 5},
	}
	m, err := s.Decode("synod.main.c.shop.propose", AppendMessage(nil, paxos.Tag{}, sent))
	if err != nil {
		t.Fatal(err)
	}
	want := paxos.Reply{Client: true, To: "shop.0011223344aabbff", Number: 5}
	if got := m.Body.(*paxos.Propose).Reply; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNamesThatBreakSubjectsAreNotTaken(t *testing.T) {
	for _, id := range badIDs() {
		if CheckID(id) == nil || CheckLog(id) == nil {
			t.Errorf("%q was taken", id)
		}
		if _, err := NewSubjects("", id); err == nil {
			t.Errorf("a log %q was taken", id)
		}
		if _, err := NewSubjects("synod."+id, "main"); err == nil && id != "a.b" {
			t.Errorf("a prefix synod.%q was taken", id)
		}
	}
	for _, id := range []string{"a", "0", "A-_z9", strings.Repeat("a", MaxID)} {
		if err := errors.Join(CheckID(id), CheckLog(id)); err != nil {
			t.Error(err)
		}
	}
	for got, want := range map[error]string{
		CheckID(""):                        "id is empty",
		CheckID(strings.Repeat("a", 33)):   "33 bytes long; at most 32",
		CheckLog("a.b"):                    `log name "a.b": only letters, digits, - and _ are allowed`,
		CheckID("-a"):                      "a letter or digit first",
		second(NewSubjects("a..b", "log")): "prefix a..b: token is empty",
	} {
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("got %v, want %q", got, want)
		}
	}
}

func second(_ *Subjects, err error) error { return err }

func TestNobodyIsAnsweredWithOurOwnRights(t *testing.T) {
	s := subjectsOf(t, "team.synod", "main")
	for reply, want := range map[string]bool{
		"_INBOX.abc.1": true, "team.synodic.x": true, "team.other": true, "_R_.abc": true,
		"": false, "$JS.API.STREAM.DELETE.x": false, "team.synod": false, "team.synod.main.p.p1.accept": false,
		"team.synod.other.read": false, "_INBOX.*": false, "a.>": false, "a b": false, "a\r\nPUB": false,
	} {
		if got := s.MayAnswer(reply); got != want {
			t.Errorf("%q: got %v, want %v", reply, got, want)
		}
	}
}

func TestSendingAndReceivingBuildNoSubjects(t *testing.T) {
	s := subjectsOf(t, "", "main")
	for _, r := range routes() {
		m := paxos.Message{From: r.from, To: r.to, Body: r.body}
		s.Subject(m)
		got := testing.AllocsPerRun(100, func() {
			subject := s.Subject(m)
			if _, _, _, err := s.Parse(subject); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 {
			t.Errorf("%s: got %v allocations, want none", r.subject, got)
		}
	}
}

func TestSubjectsForStrangersDoNotAddUp(t *testing.T) {
	s := subjectsOf(t, "", "main")
	settled := &paxos.Settled{}
	for i := range 3 * mostBuilt {
		stranger := paxos.Address{Role: paxos.RoleLearner, ID: "l" + strings.Repeat("x", i%30) + string(rune('a'+i/30%26))}
		stranger.ID += "-" + string(rune('a'+i/780))
		want := "synod.main.a.a1.settled.l." + stranger.ID
		if got := s.Subject(paxos.Message{From: acceptor, To: stranger, Body: settled}); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	if len(s.built) > mostBuilt {
		t.Errorf("%d subjects are kept, want at most %d", len(s.built), mostBuilt)
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, r := range routes() {
		f.Add(r.subject)
	}
	f.Add("synod.main.status.p.hello")
	f.Add("synod.main.p.p1.outcome.shop.0011223344aabbff")
	f.Add("synod.main.propose")
	s := subjectsOf(f, "", "main")
	bodies := make(map[Verb]paxos.Body)
	for _, r := range routes() {
		bodies[VerbOf(r.body)] = r.body
	}
	f.Fuzz(func(t *testing.T, subject string) {
		from, to, verb, err := s.Parse(subject)
		if err != nil {
			if from != nobody || to != nobody || verb != "" {
				t.Errorf("%q: refused, with %v, %v, %q", subject, from, to, verb)
			}
			return
		}
		if got := rebuild(s, from, to, verb, bodies[verb]); got != subject {
			t.Errorf("%q is read as %v, %v, %q, which is %q", subject, from, to, verb, got)
		}
	})
}

// rebuild makes a subject of what was read in one.
func rebuild(s *Subjects, from, to paxos.Address, verb Verb, body paxos.Body) string {
	switch {
	case verb == VerbStatus:
		return s.Status(to.Role, to.ID)
	case verb == VerbOutcome:
		client, instance, _ := strings.Cut(to.ID, ".")
		return s.Outcome(from.ID, client, instance)
	case from == nobody:
		return map[Verb]string{
			VerbPropose: s.Propose(), VerbChosen: s.Chosen(), VerbRead: s.Read(),
		}[verb]
	}
	return s.Subject(paxos.Message{From: from, To: to, Body: body})
}

func TestEveryVerbOfTheProtocolHasARule(t *testing.T) {
	seen := make(map[Verb]bool)
	for _, r := range routes() {
		seen[VerbOf(r.body)] = true
	}
	seen[VerbOutcome] = true
	want := make(map[Verb]bool)
	for verb := range rules {
		want[verb] = true
	}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}
