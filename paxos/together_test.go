package paxos

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// together proposes values in one message of a client library.
func together(values []Value, number uint64) Message {
	return Message{Body: &Propose{Values: values, Reply: Reply{Client: true, To: "c.1", Number: number}}}
}

// vote has two acceptors vote for every slot through last, and returns what is answered, by number.
func vote(p *Proposer, last Slot) map[uint64]Slot {
	answers := map[uint64]Slot{}
	for _, id := range []string{"a1", "a2"} {
		e := p.Step(Message{From: Address{RoleAcceptor, id}, Tag: three.Tag("main"),
			Body: &Accepted{Ballot: p.leadership.ballot, Boot: 1, Sequence: 4, Span: Span{1, last}}})
		for _, o := range e.Outcomes {
			for i := range o.More + 1 {
				answers[o.Reply.Number+uint64(i)] = o.Slot + Slot(i)
			}
		}
	}
	return answers
}

func TestValuesThatCameTogetherAreHeldAsOneAndAnsweredTogether(t *testing.T) {
	p := leadingProposer(Limits{})
	p.Step(together(numbered(10, 100), 500))
	if p.held.first != p.held.last || p.held.count != 100 {
		t.Fatalf("%d values are held, the first apart from the last", p.held.count)
	}
	var outcomes int
	for _, id := range []string{"a1", "a2"} {
		outcomes += len(p.Step(Message{From: Address{RoleAcceptor, id}, Tag: three.Tag("main"),
			Body: &Accepted{Ballot: p.leadership.ballot, Boot: 1, Sequence: 4, Span: Span{1, 100}}}).Outcomes)
	}
	if outcomes != 1 {
		t.Errorf("answered in %d parts, want one", outcomes)
	}
}

func TestWhatIsChosenInPartsIsAnsweredInParts(t *testing.T) {
	p := leadingProposer(Limits{})
	p.Step(together(numbered(10, 9), 500))
	for number, slot := range vote(p, 4) {
		if want := Slot(number - 499); slot != want || slot > 4 {
			t.Errorf("number %d is answered with slot %d", number, slot)
		}
	}
	if got := vote(p, 9); len(got) != 5 || got[504] != 5 || got[508] != 9 {
		t.Errorf("the rest is answered with %v", got)
	}
	if p.held.bytes != 0 {
		t.Errorf("%d bytes are still held", p.held.bytes)
	}
}

func TestOneOfManyThatIsRepeatedIsKnown(t *testing.T) {
	p := leadingProposer(Limits{})
	p.Step(together(numbered(10, 9), 500))
	p.Step(together(numbered(14, 3), 700)) // by another number: asked for by somebody else
	p.Step(together(numbered(14, 3), 504)) // the same message again, in part
	if next := p.leadership.next; next != 10 {
		t.Fatalf("%d slots are used for 9 values", next-1)
	}
	answers := vote(p, 9)
	if answers[504] != 5 || answers[700] != 5 || answers[702] != 7 || len(answers) != 12 {
		t.Errorf("answered %v, want 500 to 508 in slots 1 to 9, and 700 to 702 in 5 to 7", answers)
	}
	e := p.Step(together(numbered(17, 4), 800)) // two known and chosen, two new
	if len(e.Outcomes) != 2 || e.Outcomes[0].Slot != 8 || !e.Outcomes[0].Duplicate || p.leadership.next != 12 {
		t.Errorf("answered %v, and slot %d is next", e.Outcomes, p.leadership.next)
	}
}

func TestThoseToldNoAnswerAreToldOnceAlthoughTheirHoldingIsSplit(t *testing.T) {
	table := newHeld()
	h := newHolding(numbered(10, 6))
	h.reply = Reply{To: "c.1", Number: 100}
	table.add(h)
	h.repeats = []repeat{{1, Reply{To: "x"}}, {4, Reply{To: "y"}}, {5, Reply{To: "z"}}}
	h.told = 3 // its own, x and y
	rest := table.split(h, 4)
	if h.told != 2 || len(h.repeats) != 1 || rest.told != 2 || len(rest.repeats) != 2 || rest.repeats[0].place != 0 {
		t.Errorf("told %d of %v, and %d of %v", h.told, h.repeats, rest.told, rest.repeats)
	}
	if rest.reply.Number != 104 || rest.since != h.since {
		t.Errorf("the rest answers number %d", rest.reply.Number)
	}
}

// Whatever is split, claimed and dropped, the table must say of each id what a plain map says.
func TestHeldSplitsAsOftenAsItMust(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	p := leadingProposer(Limits{})
	isHeld := map[ID]bool{}
	for round := range 3000 {
		values := numbered(uint64(r.IntN(2*blockIDs)), 1+r.IntN(12))
		for _, v := range values {
			isHeld[v.ID] = true
		}
		p.Step(together(values, uint64(100*round)))
		part := numbered(uint64(r.IntN(2*blockIDs)), 1+r.IntN(8))
		for len(part) > 0 {
			h, n := p.isolate(part[:rangeOf(part).count])
			for i := range n {
				if got := h != nil; got != isHeld[part[i].ID] {
					t.Fatalf("round %d: %v is held: %v, want %v", round, part[i].ID, got, isHeld[part[i].ID])
				}
				delete(isHeld, part[i].ID)
			}
			if h != nil {
				p.held.drop(h)
			}
			part = part[n:]
		}
		checkHeld(t, p, len(isHeld))
	}
}

// checkHeld checks that the table's sums are those of what it holds.
func checkHeld(t *testing.T, p *Proposer, want int) {
	t.Helper()
	count, bytes := 0, 0
	var last *holding
	for h := p.held.first; h != nil; last, h = h, h.next {
		if h.previous != last || h.count() != len(h.values) {
			t.Fatalf("%v is out of place", h.ids)
		}
		count, bytes = count+h.count(), bytes+h.size
	}
	if p.held.last != last || count != want || p.held.count != want || p.held.bytes != bytes {
		t.Fatalf("%d values of %d bytes, says %d of %d, want %d", count, bytes, p.held.count, p.held.bytes, want)
	}
}

func TestAHoldingThatWaitsInTheQueueIsSplitThereToo(t *testing.T) {
	p := leadingProposer(Limits{Runs: 1, Run: 4 * valueOverhead})
	p.Step(together(numbered(5, 1), 0)) // in flight: the others wait
	p.Step(together(numbered(10, 3), 1))
	p.Step(together(numbered(20, 3), 4))
	p.learnClients(Run{First: 2, Values: numbered(11, 1)}, true) // recovered elsewhere
	p.learnClients(Run{First: 3, Values: numbered(22, 1)}, true)
	var queued []string
	for h := p.leadership.queue.first; h != nil; h = h.queued {
		queued = append(queued, fmt.Sprint(h.ids.low, "+", h.ids.count, " ", h.slot))
	}
	if got, want := fmt.Sprint(queued), "[10+1 0 11+1 2 12+1 0 20+2 0 22+1 3]"; got != want {
		t.Errorf("queued %s, want %s", got, want)
	}
	for p.leadership.queue.first != nil {
		p.leadership.queue.take()
	}
	if p.leadership.queue.last != nil || p.leadership.queue.bytes != 0 {
		t.Errorf("the empty queue has %d bytes", p.leadership.queue.bytes)
	}
}
