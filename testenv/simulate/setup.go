package simulate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/synod-log/synod/paxos"
)

// Setup is what a world begins with. Its text form is the cluster operation, the first of a script.
type Setup struct {
	Acceptors int
	Proposers int
	Learners  int
	Founding  bool // the acceptors' stores are empty, and they found the log first
	Echo      bool // proposers, acceptors and learners hear what they say to everyone themselves
	Tight     bool // one tick of a proposer is time enough for anything, and acceptors heed every prepare

	// Bounds in values, each as large as a value of at most eight bytes.
	Tail, Page, Run, Flight int
	Runs                    int
	Gather                  int // 0: none
	Window                  int // slots for which an id is known
	Hold                    int // ticks that a proposal is held
	Held                    int // values that are held
}

// DefaultSetup is the cluster of a script that says nothing more.
func DefaultSetup() Setup {
	return Setup{
		Acceptors: 3, Proposers: 1, Learners: 1,
		Tail: 64, Page: 32, Run: 16, Flight: 16, Runs: 4, Window: 32, Hold: 2000, Held: 2000,
	}
}

// settings names the numbers of a setup, in the order in which they are printed.
func (s *Setup) settings() []setting {
	return []setting{
		{"acceptors", &s.Acceptors}, {"proposers", &s.Proposers}, {"learners", &s.Learners},
		{"tail", &s.Tail}, {"page", &s.Page}, {"run", &s.Run}, {"flight", &s.Flight},
		{"runs", &s.Runs}, {"gather", &s.Gather}, {"window", &s.Window}, {"hold", &s.Hold},
		{"held", &s.Held},
	}
}

type setting struct {
	name  string
	value *int
}

// String is the setup as an operation; what is as usual is left out.
func (s Setup) String() string {
	var text strings.Builder
	text.WriteString("cluster")
	usual := DefaultSetup()
	for i, have := range s.settings() {
		if i < 3 || *have.value != *usual.settings()[i].value {
			fmt.Fprintf(&text, " %s=%d", have.name, *have.value)
		}
	}
	if s.Founding {
		text.WriteString(" founding")
	}
	if s.Echo {
		text.WriteString(" echo")
	}
	if s.Tight {
		text.WriteString(" tight")
	}
	return text.String()
}

// ParseSetup reads a setup from one line of a script.
func ParseSetup(line string) (Setup, error) {
	s := DefaultSetup()
	for _, word := range strings.Fields(line)[1:] {
		if err := s.parseWord(word); err != nil {
			return s, fmt.Errorf("%s: %w", line, err)
		}
	}
	if s.Acceptors < 1 || s.Acceptors > 7 || s.Proposers > 4 || s.Learners > 3 {
		return s, fmt.Errorf("%s: a world has 1 to 7 acceptors, at most 4 proposers and 3 learners", line)
	}
	return s, nil
}

func (s *Setup) parseWord(word string) error {
	switch word {
	case "founding":
		s.Founding = true
		return nil
	case "echo":
		s.Echo = true
		return nil
	case "tight":
		s.Tight = true
		return nil
	}
	key, value, _ := strings.Cut(word, "=")
	for _, have := range s.settings() {
		if have.name == key {
			n, err := strconv.Atoi(value)
			*have.value = n
			return err
		}
	}
	return fmt.Errorf("nothing is called %q", key)
}

// valueSize is what one value counts for in the bounds of a setup.
var valueSize = paxos.Value{Kind: paxos.KindValue, Data: make([]byte, 8)}.Size()

func (s Setup) limits() paxos.Limits {
	gather := -1
	if s.Gather > 0 {
		gather = s.Gather * valueSize
	}
	return paxos.Limits{
		Tail:     s.Tail * valueSize,
		Page:     s.Page * valueSize,
		Run:      s.Run * valueSize,
		Runs:     s.Runs,
		Gather:   gather,
		Flight:   s.Flight * valueSize,
		Held:     s.Held * valueSize,
		IDWindow: s.Window,
	}
}

// timing is that of every world: short, so that much happens in few ticks.
func (s Setup) timing() paxos.Timing {
	if s.Tight {
		return tightTiming
	}
	return paxos.Timing{
		Hello:         10,
		Heartbeat:     2,
		LeastPatience: 6,
		Patience:      8,
		Start:         -1, // none
		LeaderPause:   16,
		Resend:        4,
		Pull:          2,
		Listen:        10,
		Absent:        30,
		Answer:        40,
		Hold:          s.Hold,
	}
}

// tightTiming leaves as little as possible to time. Where a driver chooses each tick, longer times would
// only make it tick more often to the same end; what never comes due here is a second hello, and answers
// to clients that wait.
var tightTiming = paxos.Timing{
	Hello:         never,
	Heartbeat:     1,
	LeastPatience: -1, // no acceptor ignores a prepare: to ignore one is to lose it
	Patience:      1,
	Start:         -1, // none
	LeaderPause:   1,
	Resend:        1,
	Pull:          1,
	Listen:        1,
	Absent:        never,
	Answer:        never,
	Hold:          never,
}

// never is more ticks than any world has.
const never = 1 << 20
