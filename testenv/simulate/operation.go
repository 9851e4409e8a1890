package simulate

import (
	"fmt"
	"strconv"
	"strings"
)

// Operation is one thing that happens in a world. Operations name what they mean by words that stay
// true when other operations are left out, and one that means nothing any more does nothing: both so
// that runs can be shrunk.
type Operation struct {
	Verb Verb
	Who  ID       // the worker meant; of propose, the one proposer that hears it; none: all
	N    int      // ticks, rounds, records or times
	Pick Pick     // of deliver, batch, drop, repeat, stray and cut
	Mode Mode     // of crash, propose and settle
	Args []string // of propose, the values; of partition, the sides' workers; of members, the founders
}

// Verb is what kind of thing an operation is.
type Verb uint8

// The verbs, with what they do.
const (
	Propose   Verb = iota // a client proposes values, or repeats a proposal
	Deliver               // messages arrive: all that are on their way and match, or the nth
	Batch                 // as deliver, but what one worker gets, it gets at once
	Drop                  // messages are lost
	Repeat                // a message arrives, and will arrive again
	Stray                 // a message arrives as if from another membership
	Tick                  // N ticks pass for one worker, or for all
	Rounds                // N times: a tick for all, then all messages arrive until there are none
	Crash                 // a worker dies now, or when it next saves
	Restart               // a worker starts again
	Pause                 // a worker hangs: what arrives waits
	Resume                // a worker gets all that has waited, at once
	Partition             // workers of different sides do not hear each other
	Cut                   // one worker does not hear another
	Heal                  // partitions and cuts end
	Slow                  // an acceptor's disk takes its time from now on
	Quick                 // an acceptor's disk, or all, no longer do, and are done with what they save
	Saved                 // a slow disk, or all, are done with what they save
	Read                  // an acceptor's disk answers one pull, or all acceptors' disks all
	Leave                 // a proposer leaves the lead in good order
	Wipe                  // an acceptor that is down loses its store
	Copy                  // a second process starts from a copy of an acceptor's store
	Rollback              // an acceptor that is down gets its store back as it was N records ago
	Members               // an acceptor that is down is started with these founders from now on
	Flood                 // strangers send a worker, or all, N messages of a kind
	Fenced                // by now, of an acceptor and its copy, or one rolled back, too many must have ended
	Settle                // no more faults: within N rounds, all must be well
	Drained               // within N rounds, nothing may wait anywhere
	Show                  // prints what the roles say of themselves
	verbs
)

var verbNames = [verbs]string{
	"propose", "deliver", "batch", "drop", "repeat", "stray", "tick", "run", "crash", "restart", "pause",
	"resume", "partition", "cut", "heal", "slow", "quick", "saved", "read", "leave", "wipe", "copy", "rollback",
	"members", "flood", "fenced", "settle", "drained", "show",
}

// Mode is how an operation is done, where it can be done in several ways.
type Mode uint8

// The modes. The first is the usual one.
const (
	Usual   Mode = iota
	Unsaved      // crash when next something is to be saved: it is lost
	Unsent       // crash when next something was saved: what was to be sent is lost
	Torn         // crash when next something is to be saved: only its first N records are kept
	ReplyID      // propose under an id made of the reply subject
	NoID         // propose without an id
	Quiet        // settle, but clients do not repeat their proposals
	Storm        // settle, while a stranger campaigns without end
	modes
)

var modeNames = [modes]string{"", "unsaved", "unsent", "torn", "id=reply", "id=none", "quiet", "storm"}

// Pick chooses messages that are on their way.
type Pick struct {
	From, To ID
	Kind     Kind
	Nth      int // of those that match, from 1 in the order they were sent; 0: all
}

// String is the operation as it stands in a script.
func (o Operation) String() string {
	words := []string{verbNames[o.Verb]}
	if o.Who != None && o.Verb != Propose {
		words = append(words, o.Who.String())
	}
	words = append(words, o.Args...)
	if o.Who != None && o.Verb == Propose {
		words = append(words, "to="+o.Who.String())
	}
	if o.N != 0 {
		words = append(words, strconv.Itoa(o.N))
	}
	if o.Pick.From != None {
		words = append(words, "from="+o.Pick.From.String())
	}
	if o.Pick.To != None {
		words = append(words, "to="+o.Pick.To.String())
	}
	if o.Pick.Kind != AnyKind {
		words = append(words, "kind="+o.Pick.Kind.String())
	}
	if o.Pick.Nth != 0 {
		words = append(words, "nth="+strconv.Itoa(o.Pick.Nth))
	}
	if o.Mode != Usual {
		words = append(words, modeNames[o.Mode])
	}
	return strings.Join(words, " ")
}

// Parse reads an operation from one line of a script.
func Parse(line string) (Operation, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Operation{}, fmt.Errorf("no operation")
	}
	verb, isVerb := indexOf(verbNames[:], words[0])
	if !isVerb {
		return Operation{}, fmt.Errorf("no operation is called %q", words[0])
	}
	op := Operation{Verb: Verb(verb)}
	for _, word := range words[1:] {
		if err := op.parseWord(word); err != nil {
			return Operation{}, fmt.Errorf("%s: %w", line, err)
		}
	}
	return op, op.check()
}

func (o *Operation) parseWord(word string) error {
	if mode, isMode := indexOf(modeNames[1:], word); isMode {
		o.Mode = Mode(mode + 1)
		return nil
	}
	if o.Verb == Partition || o.Verb == Members && o.Who != None {
		o.Args = append(o.Args, word)
		return nil
	}
	key, value, isSetting := strings.Cut(word, "=")
	if isSetting {
		return o.parseSetting(key, value)
	}
	if n, err := strconv.Atoi(word); err == nil {
		o.N = n
		return nil
	}
	if o.Verb == Propose {
		o.Args = append(o.Args, word)
		return nil
	}
	var err error
	o.Who, err = parseID(word)
	return err
}

func (o *Operation) parseSetting(key, value string) (err error) {
	switch key {
	case "from":
		o.Pick.From, err = parseID(value)
	case "to":
		if o.Verb == Propose {
			o.Who, err = parseID(value)
		} else {
			o.Pick.To, err = parseID(value)
		}
	case "kind":
		kind, isKind := indexOf(kindNames[:], value)
		if !isKind {
			return fmt.Errorf("no message is called %q", value)
		}
		o.Pick.Kind = Kind(kind)
	case "nth":
		o.Pick.Nth, err = strconv.Atoi(value)
	default:
		err = fmt.Errorf("nothing is called %q", key)
	}
	return err
}

// check refuses operations that name too little to be carried out.
func (o *Operation) check() error {
	switch o.Verb {
	case Crash, Restart, Pause, Resume, Slow, Leave, Wipe, Copy, Rollback, Members:
		if o.Who == None {
			return fmt.Errorf("%s: of whom?", o)
		}
	case Propose:
		if len(o.Args) == 0 {
			return fmt.Errorf("%s: what?", o)
		}
	case Partition:
		for _, word := range o.Args {
			if _, err := parseID(word); err != nil && word != "/" {
				return err
			}
		}
	}
	return nil
}

func indexOf(names []string, name string) (int, bool) {
	for i, n := range names {
		if n == name {
			return i, true
		}
	}
	return 0, false
}
