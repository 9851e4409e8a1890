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
	(*stranger).mistyped, (*stranger).misformed, (*stranger).otherTag, (*stranger).otherVersion,
	(*stranger).unknownKind, (*stranger).otherVerb, (*stranger).otherSender, (*stranger).absurdRound, (*stranger).replay,
	(*stranger).oddSubject, (*stranger).newcomer, (*stranger).liar, (*stranger).otherMembership,
	(*stranger).prepare, (*stranger).stop, (*stranger).pull, (*stranger).askStatus, (*stranger).vote,
	(*stranger).refusedProposal, (*stranger).oddReply, (*stranger).oldAccept, (*stranger).promise,
	(*stranger).preempted, (*stranger).settled, (*stranger).ahead,
}

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
		{"p.p0.chosen", &paxos.Chosen{Ballot: low, Through: 1}},
		{"p.p0.stop", &paxos.Stop{Ballot: low}},
		{"a.a9.promise." + s.one("p1", "p2"), &paxos.Promise{Ballot: low, First: 1}},
		{"a.a9.preempted." + s.one("p1", "p2"), &paxos.Preempted{Ballot: low, By: low}},
		{"a.a9.accepted." + s.one("p1", "p2"), &paxos.Accepted{Ballot: low, Boot: 1, Span: run.Span()}},
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
	other := s.one("\xc0", "\xcb12345678", "\x81\x01\x02", "\xff", "\xc3", "\xd6\xff1234",
		"\xdd\xff\xff\xff\xff", "\xc6\xff\xff\xff\xff", "\xdb\xff\xff\xff\xff")
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
	id := s.one("*", ">", "..", "../../etc/passwd", "a/b", "\x00", "\x01\x02", "\x7f", "\xff\xfe",
		"-a", "ä", "a1:", "$SYS", "%2e%2e", strings.Repeat("a", 33), strings.Repeat("a", 2000), ".", "p1.")
	l := s.any()
	tokens := strings.Split(l.subject, ".")
	tokens[3+2*s.random.IntN(2)%(len(tokens)-3)] = id
	l.subject = strings.Join(tokens, ".")
	if s.random.IntN(2) == 0 {
		l.subject = "synod.main." + s.one("p", "a", "l", "c", "*") + "." + id + ".hello"
	}
	return l
}
