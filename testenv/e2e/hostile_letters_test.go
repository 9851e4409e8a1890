package e2e

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// absurd is a slot, or a round, that nobody will ever reach.
const absurd = 1 << 60

// letters are the kinds of what a stranger sends, each made anew each time.
var letters = []func(*stranger) letter{
	(*stranger).randomBytes, (*stranger).truncated, (*stranger).trailing, (*stranger).nested,
	(*stranger).mistyped, (*stranger).misformed, (*stranger).otherTag, (*stranger).otherVersion, (*stranger).unknownKind,
	(*stranger).otherVerb, (*stranger).otherSender, (*stranger).absurdRound, (*stranger).replay,
	(*stranger).oddSubject, (*stranger).newcomer, (*stranger).liar, (*stranger).otherMembership,
	(*stranger).prepare, (*stranger).stop, (*stranger).pull, (*stranger).askStatus, (*stranger).vote,
	(*stranger).refusedProposal, (*stranger).oddReply, (*stranger).oldAccept, (*stranger).promise,
	(*stranger).preempted, (*stranger).settled, (*stranger).ahead,
}

// refusedValue has an id that no client library gives.
var refusedValue = paxos.Value{Kind: paxos.KindValue, ID: paxos.ReplyID("x", nil), Data: []byte("refused")}

// body is some message that is well formed, from a stranger, and its subject.
func (s *stranger) body() (paxos.Body, string) {
	low := paxos.Ballot{Round: 1, Proposer: "p0"}
	run := paxos.Run{First: 1, Values: []paxos.Value{{Kind: paxos.KindValue, Data: []byte("x")}}}
	all := []struct {
		subject string
		body    paxos.Body
	}{
		{"p.p0.prepare", &paxos.Prepare{Ballot: low, First: 1}},
		{"p.p0.accept", &paxos.Accept{Ballot: low, Run: run}},
		{"p.p0.stop", &paxos.Stop{Ballot: low}},
		{"a.a9.promise." + s.one("p1", "p2"), &paxos.Promise{Ballot: low, First: 1}},
		{"a.a9.preempted." + s.one("p1", "p2"), &paxos.Preempted{Ballot: low, By: low}},
		{"a.a9.accepted", &paxos.Accepted{Ballot: low, Boot: 1, Span: run.Span()}},
		{"a.a9.settled." + s.worker(), &paxos.Settled{Run: run, Through: 1}},
		{"l.l9.pull." + s.one(founders...), &paxos.Pull{First: 1}},
		{s.one("p.p0", "a.a9", "l.l9", "c.c9") + ".hello", &paxos.Hello{Process: s.nonce()}},
		{"c.c9.propose", &paxos.Propose{Values: []paxos.Value{refusedValue}}},
	}
	chosen := all[s.random.IntN(len(all))]
	return chosen.body, "synod.main." + chosen.subject
}

func (s *stranger) one(of ...string) string { return of[s.random.IntN(len(of))] }

func (s *stranger) worker() string {
	return s.one("p.p1", "p.p2", "a.a1", "a.a2", "a.a3", "l.l1", "l.l2")
}

func (s *stranger) nonce() (nonce paxos.Nonce) {
	for i := range nonce {
		nonce[i] = byte(s.random.Uint32())
	}
	return nonce
}

// packed is a well-formed message in the log's own membership.
func (s *stranger) packed(subject string, body paxos.Body) letter {
	return letter{subject: "synod.main." + subject, data: codec.AppendMessage(nil, s.known.tag, body)}
}

func (s *stranger) any() letter {
	body, subject := s.body()
	return letter{subject: subject, data: codec.AppendMessage(nil, s.known.tag, body)}
}

// randomBytes are mostly few, and seldom as many as the broker takes.
func (s *stranger) randomBytes() letter {
	l := s.any()
	size := s.random.IntN(200)
	if s.random.IntN(200) == 0 {
		size = 1 << 20
	}
	l.data = make([]byte, size)
	for i := range l.data {
		l.data[i] = byte(s.random.Uint32())
	}
	return l
}

func (s *stranger) truncated() letter {
	l := s.any()
	l.data = l.data[:s.random.IntN(len(l.data))]
	return l
}

func (s *stranger) trailing() letter {
	l := s.any()
	l.data = append(l.data, byte(s.random.Uint32()))
	return l
}

// nested is arrays in arrays, in place of a message or in a field of one.
func (s *stranger) nested() letter {
	l := s.any()
	depth := 1 + s.random.IntN(50_000)
	l.data = append(l.data[:s.random.IntN(3)], bytes.Repeat([]byte{0x91}, depth)...)
	return l
}

// mistyped has, behind the tag, nil, a float, a map, −1, a boolean, an extension or a huge length.
func (s *stranger) mistyped() letter {
	l := s.any()
	other := s.one("\xc0", "\xcb12345678", "\x81\x01\x02", "\xff", "\xc3", "\xd6\xff1234", "\xdd\xff\xff\xff\xff",
		"\xc6\xff\xff\xff\xff", "\xdb\xff\xff\xff\xff")
	l.data = slices.Replace(l.data, behindTag, behindTag+1, []byte(other)...)
	return l
}

// behindTag is where the fields of a message begin.
const behindTag = 3 + 2 + 8

// misformed is a hello of a process too long, of a number too large, or not in its shortest form.
func (s *stranger) misformed() letter {
	hello := s.packed("l.l9.hello", &paxos.Hello{})
	fields := s.one("\xc4\x09123456789", // its process has nine bytes
		"\xc4\x0812345678\x90\x93\xcf\xff\xff\xff\xff\xff\xff\xff\xff", // its ballot's round is above all numbers
		"\xc4\x0812345678\x90\x93\xcd\x00\x01")                         // 1 takes three bytes
	hello.data = append(hello.data[:behindTag], fields...)
	return hello
}

func (s *stranger) otherTag() letter {
	body, subject := s.body()
	return letter{subject: subject, data: codec.AppendMessage(nil, paxos.Tag(s.nonce()), body)}
}

func (s *stranger) otherVersion() letter {
	l := s.any()
	l.data[1] = byte(2 + s.random.IntN(100))
	return l
}

func (s *stranger) unknownKind() letter {
	l := s.any()
	l.data[2] = byte(11 + s.random.IntN(100))
	return l
}

// otherVerb is a message that does not belong to its subject.
func (s *stranger) otherVerb() letter {
	l := s.any()
	body, _ := s.body()
	l.data = codec.AppendMessage(nil, s.known.tag, body)
	return l
}

// otherSender speaks of a ballot that belongs to another than the subject says.
func (s *stranger) otherSender() letter {
	ballot := s.known.ballot
	from := s.one("p1", "p2", "p0", "p9")
	if from == ballot.Proposer {
		ballot.Proposer = "p9"
	}
	ballot.Round += uint64(s.random.IntN(3))
	if s.random.IntN(2) == 0 {
		return s.packed("p."+from+".prepare", &paxos.Prepare{Ballot: ballot, First: 1})
	}
	return s.packed("p."+from+".accept", &paxos.Accept{Ballot: ballot, Chosen: absurd})
}

func (s *stranger) absurdRound() letter {
	ballot := paxos.Ballot{Round: absurd + s.random.Uint64N(absurd), Proposer: "p9"}
	if s.random.IntN(2) == 0 {
		return s.packed("p.p9.accept", &paxos.Accept{Ballot: ballot, Chosen: absurd})
	}
	return s.packed("p.p9.prepare", &paxos.Prepare{Ballot: ballot, First: 1})
}

// replay says again what was heard.
func (s *stranger) replay() letter {
	msg := s.known.heard[s.random.IntN(len(s.known.heard))]
	var headers strings.Builder
	for name, values := range msg.Header {
		for _, value := range values {
			fmt.Fprintf(&headers, "%s: %s\r\n", name, value)
		}
	}
	return letter{subject: msg.Subject, reply: msg.Reply, headers: headers.String(), data: msg.Data}
}

// oddSubject has an id that is none: a wildcard, a path, control bytes, too long.
func (s *stranger) oddSubject() letter {
	id := s.one("*", ">", "..", "../../etc/passwd", "a/b", "\x00", "\x01\x02", "\x7f", "\xff\xfe", "-a", "ä",
		"a1:", "$SYS", "%2e%2e", strings.Repeat("a", 33), strings.Repeat("a", 2000), ".", "p1.")
	l := s.any()
	tokens := strings.Split(l.subject, ".")
	tokens[3+2*s.random.IntN(2)%(len(tokens)-3)] = id
	l.subject = strings.Join(tokens, ".")
	if s.random.IntN(2) == 0 {
		l.subject = "synod.main." + s.one("p", "a", "l", "c", "*") + "." + id + ".hello"
	}
	return l
}

// newcomer is one of very many workers.
func (s *stranger) newcomer() letter {
	role := s.one("p", "l", "c")
	id := fmt.Sprintf("%s%d", role, 100+s.random.IntN(5000))
	return s.packed(role+"."+id+".hello", &paxos.Hello{Process: s.nonce(), Position: absurd})
}

// liar is no proposer and no member, and says it heard more of a member's store than there is; now and then
// very often.
func (s *stranger) liar() letter {
	member := s.known.membership.Members[s.random.IntN(len(s.known.membership.Members))]
	heard := paxos.Heard{Acceptor: member.ID, Store: member.Store, Boot: 1000, Process: s.nonce(), Sequence: absurd}
	hello := &paxos.Hello{Process: s.nonce(), Heard: []paxos.Heard{heard}}
	if s.random.IntN(50) == 0 {
		hello.Heard = slices.Repeat(hello.Heard, 10_000)
	}
	return s.packed(s.one("l.l9", "c.c9", "a.a9")+".hello", hello)
}

// otherMembership is the hello of an acceptor with a store, or a membership, that this log does not have.
func (s *stranger) otherMembership() letter {
	store := paxos.StoreID{byte(s.random.IntN(4))}
	other := &paxos.Membership{Epoch: 1}
	for _, id := range founders {
		other.Members = append(other.Members, paxos.Member{ID: id, Store: store})
	}
	hello := &paxos.Hello{Process: s.nonce(), Acceptor: &paxos.AcceptorHello{
		Store: store, Boot: 1, Began: []uint64{0}, Founders: founders, Membership: other, Free: true,
	}}
	tag := other.Tag("main")
	if s.random.IntN(2) == 0 {
		tag, hello.Acceptor.Membership = s.known.tag, nil
	}
	return letter{subject: "synod.main.a." + s.one("a1", "a7", "a8", "a9") + ".hello",
		data: codec.AppendMessage(nil, tag, hello)}
}

// prepare is of a proposer that nobody knows, and somewhat above the leader's ballot.
func (s *stranger) prepare() letter {
	ballot := paxos.Ballot{Round: s.known.ballot.Round + s.random.Uint64N(3), Proposer: "p9"}
	return s.packed("p.p9.prepare", &paxos.Prepare{Ballot: ballot, First: paxos.Slot(1 + s.random.IntN(absurd))})
}

func (s *stranger) stop() letter {
	ballot := s.known.ballot
	if s.random.IntN(2) == 0 {
		ballot.Proposer = "p9"
	}
	return s.packed("p.p9.stop", &paxos.Stop{Ballot: ballot})
}

func (s *stranger) pull() letter {
	from := fmt.Sprintf("l.l%d", s.random.IntN(5000))
	first := paxos.Slot(1 + s.random.Uint64N(4)*(absurd/4))
	return s.packed(from+".pull."+s.one(founders...), &paxos.Pull{First: first, IDsOnly: s.random.IntN(2) == 0})
}

func (s *stranger) askStatus() letter {
	return letter{subject: "synod.main.status." + s.worker(), reply: "answers.of.nobody", data: []byte("{}")}
}

// vote is of an acceptor that is none, for what the leader proposes, or in an absurd round.
func (s *stranger) vote() letter {
	return s.packed("a.a9.accepted", &paxos.Accepted{
		Ballot: s.absurdOr(s.known.ballot), Boot: 1, Sequence: absurd, Span: paxos.Span{First: 1, Last: absurd},
	})
}

func (s *stranger) absurdOr(ballot paxos.Ballot) paxos.Ballot {
	if s.random.IntN(2) == 0 {
		ballot.Round = absurd
	}
	return ballot
}

// promise is of an acceptor that is none.
func (s *stranger) promise() letter {
	return s.packed("a.a9.promise."+s.one("p1", "p2"), &paxos.Promise{
		Ballot: s.absurdOr(s.known.ballot), Boot: 1, Sequence: absurd, Settled: absurd, First: 1,
	})
}

// preempted tells the leader, as nobody who may, that another was promised its ballots.
func (s *stranger) preempted() letter {
	by := s.absurdOr(paxos.Ballot{Round: s.known.ballot.Round + 1, Proposer: "p9"})
	return s.packed("a.a9.preempted."+s.known.ballot.Proposer, &paxos.Preempted{Ballot: s.known.ballot, By: by})
}

// settled serves values that nobody proposed, to whoever believes them: they begin at every slot.
func (s *stranger) settled() letter {
	value := paxos.Value{Kind: paxos.KindValue, Data: []byte("forged")}
	run := paxos.Run{First: 1, Values: slices.Repeat([]paxos.Value{value}, 1+s.random.IntN(2000))}
	return s.packed("a.a9.settled."+s.worker(), &paxos.Settled{Run: run, Through: absurd})
}

// ahead is the hello of an acceptor that is none, and has settled more than anybody.
func (s *stranger) ahead() letter {
	return s.packed("a.a9.hello", &paxos.Hello{Process: s.nonce(), Position: absurd, Highest: absurd,
		Ballot:   s.absurdOr(s.known.ballot),
		Acceptor: &paxos.AcceptorHello{Boot: 1, Founders: founders, Membership: &s.known.membership, Free: true}})
}

// oldAccept proposes in a ballot below the leader's.
func (s *stranger) oldAccept() letter {
	run := paxos.Run{First: paxos.Slot(1 + s.random.IntN(1000)),
		Values: []paxos.Value{{Kind: paxos.KindValue, Data: []byte("forged")}}}
	return s.packed("p.p0.accept", &paxos.Accept{Ballot: paxos.Ballot{Round: 1, Proposer: "p0"}, Run: run})
}

// refusedProposal is one that no proposer takes: too large, by its bytes or its headers, or with an id that
// is none. It is seldom large.
func (s *stranger) refusedProposal() letter {
	l := letter{subject: "synod.main.propose", data: []byte("refused")}
	switch s.random.IntN(100) {
	case 0:
		l.data = make([]byte, 1<<20-4<<10)
	case 1:
		l.headers = strings.Repeat("X-Large: "+strings.Repeat("y", 1000)+"\r\n", 1030)
	default:
		l.headers = "Nats-Msg-Id: " + strings.Repeat("i", 257+s.random.IntN(500)) + "\r\n"
	case 2, 3:
		l.headers = "nats-msg-id: one\r\nNats-Msg-Id: two\r\n"
	case 4, 5, 6:
		return s.packed("c.c9.propose", &paxos.Propose{Values: []paxos.Value{refusedValue}})
	}
	return l
}

// oddReply is a proposal that is taken, with headers that are odd and a reply subject that nobody may be
// answered on. It is not one time in twenty.
func (s *stranger) oddReply() letter {
	if s.random.IntN(20) > 0 {
		return s.refusedProposal()
	}
	value := fmt.Sprintf("stranger.%d", len(s.proposed))
	s.proposed = append(s.proposed, Request{Value: value, Err: "sent by a stranger"})
	return letter{
		subject: "synod.main.propose", data: []byte(value),
		reply:   s.one("$stranger.x", "synod.main.stranger", "synod.main.p.p9.stop", "synod.stranger", "*.stranger"),
		headers: s.one("Status: 503\r\n", "Nats-Expected-Stream: x\r\n", "\x01: y\r\n", "Synod-Slot: 7\r\n", "X:\xff\r\n", ": \r\n"),
	}
}
