package codec

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
)

// refusal is bytes that break one rule.
type refusal struct {
	name string
	data []byte
	want Reason
}

func checkRefused(t *testing.T, decode func([]byte) error, refusals []refusal) {
	t.Helper()
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			var got *Error
			if err := decode(r.data); !errors.As(err, &got) {
				t.Fatalf("%x: got %v, want it refused", r.data, err)
			}
			if got.Reason != r.want {
				t.Errorf("%x: got %q, want %q", r.data, got.Reason, r.want)
			}
		})
	}
}

func decodeMessageOnly(data []byte) error {
	_, _, err := DecodeMessage(data)
	return err
}

func decodeRecordOnly(data []byte) error {
	_, err := DecodeRecord(data)
	return err
}

func decodeOutcomesOnly(data []byte) error {
	_, _, err := DecodeOutcomes(data)
	return err
}

// pull is a pull whose first slot is these bytes.
func pull(first ...byte) []byte {
	front := appendTree(nil, message(7, u(1), false))
	return append(append(bytes.Clone(front[:len(front)-2]), first...), isFalse)
}

func TestANumberHasOneForm(t *testing.T) {
	if err := decodeMessageOnly(pull(0x07)); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, decodeMessageOnly, []refusal{
		{"8 bits for 127", pull(0xcc, 0x7f), ReasonForm},
		{"16 bits for 255", pull(0xcd, 0, 0xff), ReasonForm},
		{"32 bits for 65535", pull(0xce, 0, 0, 0xff, 0xff), ReasonForm},
		{"64 bits for 2^32-1", pull(0xcf, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), ReasonForm},
		{"-1", pull(0xff), ReasonType},
		{"-1 in 8 bits", pull(0xd0, 0xff), ReasonType},
		{"-1 in 64 bits", pull(append([]byte{0xd3}, bytes.Repeat([]byte{0xff}, 8)...)...), ReasonType},
		{"7 as a signed number", pull(0xd0, 7), ReasonType},
		{"2^64-1", pull(append([]byte{0xcf}, bytes.Repeat([]byte{0xff}, 8)...)...), ReasonRange},
		{"2^62+1", pull(0xcf, 0x40, 0, 0, 0, 0, 0, 0, 1), ReasonRange},
		{"nil", pull(0xc0), ReasonType},
		{"true", pull(0xc3), ReasonType},
		{"a float", pull(0xca, 0x3f, 0x80, 0, 0), ReasonType},
		{"a double", pull(0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0), ReasonType},
		{"a string", pull(0xa1, '7'), ReasonType},
		{"an extension", pull(0xd4, 1, 7), ReasonType},
		{"a map", pull(0x80), ReasonType},
		{"the byte that is never used", pull(0xc1), ReasonType},
		{"slot 0", pull(0), ReasonRange},
	})
}

func TestAnEnvelopeIsExact(t *testing.T) {
	stop := AppendMessage(nil, sampleTag, &paxos.Stop{Ballot: sampleBallot})
	with := func(at int, b byte) []byte {
		changed := bytes.Clone(stop)
		changed[at] = b
		return changed
	}
	checkRefused(t, decodeMessageOnly, []refusal{
		{"nothing", nil, ReasonTruncated},
		{"no array", []byte{0x01}, ReasonType},
		{"a map", with(0, 0x84), ReasonType},
		{"an empty array", []byte{0x90}, ReasonTruncated},
		{"a field less", with(0, 0x93), ReasonArity},
		{"a field more", append(with(0, 0x95), 0), ReasonArity},
		{"an array's length in 16 bits", append([]byte{array16, 0, 4}, stop[1:]...), ReasonForm},
		{"bytes after the end", append(bytes.Clone(stop), 0), ReasonTrailing},
		{"two messages", append(bytes.Clone(stop), stop...), ReasonTrailing},
		{"version 0", with(1, 0), ReasonRange},
		{"kind 0", with(2, 0), ReasonKind},
		{"an unknown kind", with(2, 15), ReasonKind},
		{"a kind that is used no more", with(2, 11), ReasonKind},
		{"outcomes", AppendOutcomes(nil, sampleTag, []paxos.Outcome{{Code: 504}}), ReasonKind},
		{"a tag of 7 bytes", appendTree(nil, tree{u(1), u(7), make([]byte, 7), u(1), false}), ReasonLength},
		{"a tag of 9 bytes", appendTree(nil, tree{u(1), u(7), make([]byte, 9), u(1), false}), ReasonLength},
		{"a tag in text", appendTree(nil, tree{u(1), u(7), "12345678", u(1), false}), ReasonType},
		{"a tag's length in 16 bits", bytes.Replace(stop, []byte{bin8, 8}, []byte{bin16, 0, 8}, 1), ReasonForm},
	})
}

func TestEveryPrefixIsRefused(t *testing.T) {
	for _, s := range samples() {
		whole := s.append(nil)
		for cut := range whole {
			_, _, err := s.decode(whole[:cut])
			var got *Error
			if !errors.As(err, &got) || got.Reason != ReasonTruncated {
				t.Fatalf("%s: %d of %d bytes: got %v, want them truncated", s.name, cut, len(whole), err)
			}
		}
	}
}

func TestALaterVersionIsRefusedPlainly(t *testing.T) {
	for _, data := range [][]byte{{0x92, 2, 0xc0}, {0x9f, 2}, {array16, 0, 16, 2, 0xc0}} {
		var got *Error
		err := decodeMessageOnly(data)
		if !errors.As(err, &got) || got.Reason != ReasonVersion || got.Version != 2 {
			t.Fatalf("%x: got %v, want version 2 refused", data, err)
		}
		for _, part := range []string{"version 2", "newer worker", "older", "version 1"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	}
}

func TestBallotsAndSpansMakeSense(t *testing.T) {
	b := wantBallot(sampleBallot)
	start := sampleStart[:]
	prepare := func(ballot tree) []byte { return appendTree(nil, message(1, ballot, u(1))) }
	accepted := func(first, last uint64) []byte {
		return appendTree(nil, message(4, b, u(1), u(1), first, last))
	}
	refusals := []refusal{
		{"no ballot", prepare(tree{}), ReasonLength},
		{"a ballot without start", prepare(tree{u(1), "p1"}), ReasonArity},
		{"a start of 7 bytes", prepare(tree{u(1), "p1", start[:7]}), ReasonLength},
		{"an id as bytes", prepare(tree{u(1), []byte("p1"), start}), ReasonType},
		{"a span that ends before it begins", accepted(5, 4), ReasonRange},
		{"a span from 0", accepted(0, 4), ReasonRange},
		{"a span to 0", accepted(5, 0), ReasonRange},
		{"a page that ends before it begins",
			appendTree(nil, message(2, b, u(1), u(1), u(0), u(5), u(4), tree{})), ReasonRange},
		{"a page from 0",
			appendTree(nil, message(2, b, u(1), u(1), u(0), u(0), u(4), tree{})), ReasonRange},
		{"a proposal without values",
			appendTree(nil, message(2, b, u(1), u(1), u(0), u(1), u(0), tree{tree{b, u(1), tree{}}})),
			ReasonTruncated},
	}
	for _, id := range badIDs() {
		want := ReasonID
		if strings.ContainsRune(id, 0xfffd) {
			want = ReasonForm // not UTF-8
		}
		refusals = append(refusals, refusal{"id " + id, prepare(tree{u(1), id, start}), want})
	}
	checkRefused(t, decodeMessageOnly, refusals)
}

func badIDs() []string {
	return []string{
		"", "-a", "_a", "a.b", "*", ">", "a b", "../a", "a/b", "a\x00", "ä", "a\n",
		strings.Repeat("a", 33), strings.Repeat("a", 300), "\xff",
	}
}

func TestValuesAreOfKnownKindsAndExact(t *testing.T) {
	time, id := make([]byte, 8), append([]byte{1}, make([]byte, 16)...)
	none, data := []byte{}, []byte("red")
	header := tree{"x", none}
	accept := func(values ...any) []byte {
		return appendTree(nil, message(14, wantBallot(sampleBallot), u(0), tree{}, u(1), tree(values)))
	}
	with := func(value ...any) []byte { return accept(tree(value), wantValue(clientValue)) }
	checkRefused(t, decodeMessageOnly, []refusal{
		{"an unknown kind", with(u(2), time, none, data), ReasonKind},
		{"a no-op with data", with(u(0), time, none, data), ReasonArity},
		{"a value without data", with(u(1), time, none), ReasonArity},
		{"a value of six fields", with(u(1), time, none, data, tree{header}, u(0)), ReasonArity},
		{"a value that is none", accept(u(1), wantValue(clientValue)), ReasonType},
		{"a time of 7 bytes", with(u(1), time[:7], none, data), ReasonType},
		{"a time as a number", with(u(1), u(1), none, data), ReasonType},
		{"an id without kind", with(u(1), time, id[1:], data), ReasonLength},
		{"an id of kind 0", with(u(1), time, append([]byte{0}, id[1:]...), data), ReasonKind},
		{"an id of kind 3", with(u(1), time, append([]byte{3}, id[1:]...), data), ReasonKind},
		{"data as text", with(u(1), time, none, "red"), ReasonType},
		{"no headers", with(u(1), time, none, data, tree{}), ReasonForm},
		{"a header of one field", with(u(1), time, none, data, tree{tree{"abcdefgh"}}), ReasonArity},
		{"a header without name", with(u(1), time, none, data, tree{tree{"", none}}), ReasonForm},
		{"a header's name with a colon", with(u(1), time, none, data, tree{tree{"a:", none}}), ReasonForm},
		{"a header's name of two lines", with(u(1), time, none, data, tree{tree{"a\r\nb", none}}), ReasonForm},
		{"a header's value in text", with(u(1), time, none, data, tree{tree{"a", "text"}}), ReasonType},
		{"nil", accept(nil, wantValue(clientValue)), ReasonType},
	})
}

func TestRunsStayWithinTheSlots(t *testing.T) {
	two := wantValues(sampleValues[:2])
	b := wantBallot(sampleBallot)
	ids := func(v paxos.Value) []byte {
		return appendTree(nil, message(8, u(9), u(0), true, u(1), tree{wantValue(v)}))
	}
	checkRefused(t, decodeMessageOnly, []refusal{
		{"values from slot 0", appendTree(nil, message(14, b, u(0), tree{}, u(0), two)), ReasonRange},
		{"past the last slot", appendTree(nil, message(14, b, u(0), tree{}, u(MaxNumber), two)), ReasonRange},
		{"beyond every number", appendTree(nil, message(14, b, u(0), tree{}, u(math.MaxUint64), two)), ReasonRange},
		{"ids with data", ids(paxos.Value{Kind: paxos.KindValue, Data: []byte("x")}), ReasonLength},
		{"ids with a time", ids(paxos.Value{Kind: paxos.KindValue, Time: 1}), ReasonLength},
		{"ids with headers", ids(paxos.Value{
			Kind: paxos.KindValue, Headers: []paxos.Header{{Name: "x"}},
		}), ReasonLength},
	})
}

func TestWhatALeaderHasHeardIsOfAMembership(t *testing.T) {
	accept := func(reached ...any) []byte {
		return appendTree(nil, message(14, wantBallot(sampleBallot), u(0), tree(reached), u(0), tree{}))
	}
	one := tree{u(1), u(600)}
	most := make(tree, paxos.MaxMembers)
	for i := range most {
		most[i] = one
	}
	if err := decodeMessageOnly(accept(most...)); err != nil {
		t.Fatalf("the most members: %v", err)
	}
	checkRefused(t, decodeMessageOnly, []refusal{
		{"too many members", accept(append(most, one)...), ReasonLength},
		{"a boot without its sequence", accept(one, tree{u(1)}), ReasonArity},
		{"a sequence that is none", accept(tree{u(1), nil}), ReasonType},
	})
}

func TestProposalsAreForAnInstanceOrForNone(t *testing.T) {
	values := wantValues(sampleValues[1:2])
	propose := func(instance []byte, number uint64, values tree) []byte {
		return appendTree(nil, message(10, instance, number, values))
	}
	checkRefused(t, decodeMessageOnly, []refusal{
		{"no values", propose(make([]byte, 8), 1, tree{}), ReasonLength},
		{"a no-op", propose(make([]byte, 8), 1, wantValues(sampleValues[:1])), ReasonKind},
		{"an instance of 7 bytes", propose(make([]byte, 7), 1, values), ReasonLength},
		{"a number for nobody", propose([]byte{}, 1, values), ReasonForm},
		{"a number too high to count on from", propose(make([]byte, 8), MaxNumber, values), ReasonRange},
	})
}

func TestHellosAreBounded(t *testing.T) {
	members := func(ids ...string) tree {
		list := tree{}
		for _, id := range ids {
			list = append(list, tree{id, make([]byte, 16)})
		}
		return list
	}
	hello := func(began, founders, membership tree) []byte {
		return appendTree(nil, message(9, make([]byte, 8), tree{}, tree{}, false, false, u(0), u(0),
			tree{make([]byte, 16), u(1), u(1), began, founders, membership, false}))
	}
	of := func(m tree) []byte { return hello(tree{}, tree{}, tree{u(1), m}) }
	many := make([]string, paxos.MaxMembers+1)
	for i := range many {
		many[i] = "a" + string(rune('A'+i))
	}
	many[26], many[27], many[28], many[29], many[30], many[31] = "aa", "ab", "ac", "ad", "ae", "af"
	if err := decodeMessageOnly(of(members(many[1:]...))); err != nil {
		t.Fatalf("the most members: %v", err)
	}
	nine, founders := tree{}, tree{}
	for range 9 {
		nine = append(nine, u(1))
	}
	for _, id := range many {
		founders = append(founders, id)
	}
	checkRefused(t, decodeMessageOnly, []refusal{
		{"a member too many", of(members(many...)), ReasonLength},
		{"a founder too many", hello(tree{}, founders, tree{}), ReasonLength},
		{"nine boots", hello(nine, tree{}, tree{}), ReasonLength},
		{"no members", of(tree{}), ReasonLength},
		{"members unsorted", of(members("a2", "a1")), ReasonOrder},
		{"a member twice", of(members("a1", "a1")), ReasonOrder},
		{"a member that is no id", of(members("a.1")), ReasonID},
		{"a membership without members", hello(tree{}, tree{}, tree{u(1)}), ReasonArity},
		{"a founder that is no id", hello(tree{}, tree{"*"}, tree{}), ReasonID},
	})
}

func TestRecordsAreExact(t *testing.T) {
	b := wantBallot(sampleBallot)
	checkRefused(t, decodeRecordOnly, []refusal{
		{"nothing", nil, ReasonTruncated},
		{"a later version", []byte{0x92, 2, 3}, ReasonVersion},
		{"kind 0", []byte{0x92, 1, 0}, ReasonKind},
		{"an unknown kind", []byte{0x92, 1, 8}, ReasonKind},
		{"a field more", []byte{0x93, 1, 3, 0}, ReasonArity},
		{"bytes after the end", []byte{0x92, 1, 3, 0}, ReasonTrailing},
		{"a promise of no ballot", appendTree(nil, tree{u(1), u(4), tree{}}), ReasonLength},
		{"accepted nothing", appendTree(nil, tree{u(1), u(5), b, u(1), tree{}}), ReasonLength},
		{"repaired nothing", appendTree(nil, tree{u(1), u(7), u(1), tree{}}), ReasonLength},
		{"no members", appendTree(nil, tree{u(1), u(2), u(1), tree{}}), ReasonLength},
	})
}

func TestOutcomesAreExact(t *testing.T) {
	outcomes := func(outcome ...any) []byte { return appendTree(nil, message(13, tree{tree(outcome)})) }
	noText := outcomes(u(1), u(0), u(504), u(0), false, "", u(0))
	checkRefused(t, decodeOutcomesOnly, []refusal{
		{"another kind", pull(7), ReasonKind},
		{"none", appendTree(nil, message(13, tree{})), ReasonLength},
		{"chosen at no slot", outcomes(u(1), u(0), u(200), u(0), false, "padding", u(0)), ReasonRange},
		{"not chosen, at a slot", outcomes(u(1), u(0), u(504), u(7), false, "padding", u(0)), ReasonRange},
		{"for too many", outcomes(u(1), u(1<<16+1), u(200), u(1), false, "padding", u(0)), ReasonRange},
		{"beyond the last slot", outcomes(u(1), u(1), u(200), uint64(paxos.MaxSlot), false, "padding", u(0)), ReasonRange},
		{"a code too small", outcomes(u(1), u(0), u(99), u(0), false, "padding", u(0)), ReasonRange},
		{"a code too large", outcomes(u(1), u(0), u(1<<16), u(0), false, "padding", u(0)), ReasonRange},
		{"a text that is not UTF-8", outcomes(u(1), u(0), u(504), u(0), false, "\xff", u(0)), ReasonForm},
		{"a text's length in 8 bits", append(noText[:len(noText)-2], text8, 1, 'x', 0), ReasonForm},
		{"chosen, and to come back", outcomes(u(1), u(0), u(200), u(1), false, "padding", u(1)), ReasonRange},
		{"to come back too late", outcomes(u(1), u(0), u(429), u(0), false, "padding", u(1<<16+1)), ReasonRange},
	})
}

func TestWhatIsNoMessageIsNotEncoded(t *testing.T) {
	instance := &paxos.Propose{Values: sampleValues[1:2], Reply: paxos.Reply{Client: true, To: "c.xyz"}}
	for name, encode := range map[string]func(){
		"no body":              func() { AppendMessage(nil, sampleTag, nil) },
		"no record":            func() { AppendRecord(nil, nil) },
		"an instance not hex":  func() { AppendMessage(nil, sampleTag, instance) },
		"an instance not of 8": func() { instance.Reply.To = "c.0011"; AppendMessage(nil, sampleTag, instance) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was encoded")
				}
			}()
			encode()
		})
	}
}

func TestEveryReasonIsExplained(t *testing.T) {
	for _, reason := range []Reason{
		ReasonTruncated, ReasonTrailing, ReasonType, ReasonForm, ReasonArity, ReasonLength, ReasonRange,
		ReasonID, ReasonOrder, ReasonKind, ReasonSubject, ReasonVerb,
	} {
		if explanations[reason] == "" {
			t.Errorf("nothing explains %q", reason)
		}
	}
}
