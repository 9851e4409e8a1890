package paxos

import "slices"

// census is what a worker has heard of the stores of its membership's acceptors: which boots there
// were, and how far each got. It tells whether a promise or a vote may be counted, so that a store
// that was copied or rolled back cannot take back what it has said.
//
// Only the stores of the membership are in it; another store's words never count.
type census struct {
	acceptors []witness
}

// witness is what was heard of one acceptor's store.
type witness struct {
	member    Member
	boots     []bootHeard // ascending, at most maxBoots
	forgotten bool        // a later boot began below what an earlier one had reached
}

// bootHeard is what was heard of one boot. Where process is zero, no hello of it was heard.
type bootHeard struct {
	boot    uint64
	process Nonce
	reached uint64 // highest sequence heard
	began   uint64
	isTwin  bool
}

// maxBoots is how many boots of a store are told of and remembered.
const maxBoots = 8

func newCensus(m Membership) census {
	c := census{}
	for _, member := range m.Members {
		c.acceptors = append(c.acceptors, witness{member: member})
	}
	return c
}

func (c *census) witness(id string) *witness {
	for i := range c.acceptors {
		if c.acceptors[i].member.ID == id {
			return &c.acceptors[i]
		}
	}
	return nil
}

// hello takes in an acceptor's hello, and reports what it revealed that was not known, in words;
// empty where nothing.
func (c *census) hello(id string, process Nonce, h *AcceptorHello) string {
	w := c.witness(id)
	if w == nil || w.member.Store != h.Store {
		return ""
	}
	boot := w.boot(h.Boot)
	if boot == nil {
		return "" // of a boot long gone
	}
	if boot.process == (Nonce{}) {
		boot.process = process
	}
	reveals := ""
	if boot.process != process && !boot.isTwin {
		boot.isTwin = true
		reveals = "acceptor " + id + " runs twice, or from an old copy of its store: neither is counted"
	}
	boot.reached = max(boot.reached, h.Sequence)
	for back, began := range h.Began {
		if uint64(back) < h.Boot {
			if earlier := w.known(h.Boot - uint64(back)); earlier != nil {
				earlier.began = began
			}
		}
	}
	if !w.forgotten && w.hasForgotten(h) {
		w.forgotten = true
		reveals = "acceptor " + id + " has forgotten votes (its store is an old copy?): it is not counted"
	}
	return reveals
}

// hasForgotten reports whether one of the boots that h tells of began below what the boots before
// it were heard to have reached.
func (w *witness) hasForgotten(h *AcceptorHello) bool {
	for back, began := range h.Began {
		for i := range w.boots {
			if w.boots[i].boot+uint64(back) < h.Boot && w.boots[i].reached > began {
				return true
			}
		}
	}
	return false
}

// counts reports whether a promise or vote of this acceptor's boot, at this sequence, may be
// counted: its hello was heard, it runs once, and nothing later has forgotten it.
func (c *census) counts(id string, boot, sequence uint64) bool {
	w := c.witness(id)
	if w == nil {
		return false
	}
	b := w.boot(boot)
	if b == nil {
		return false
	}
	w.reach(b, sequence)
	return b.process != (Nonce{}) && !b.isTwin && !w.forgotten
}

// reach notes that boot b got to sequence, and whether a later boot began below that.
func (w *witness) reach(b *bootHeard, sequence uint64) {
	b.reached = max(b.reached, sequence)
	for i := range w.boots {
		if later := &w.boots[i]; later.boot > b.boot && later.process != (Nonce{}) && later.began < b.reached {
			w.forgotten = true
		}
	}
}

// told takes in what a leader has heard of each acceptor.
func (c *census) told(all []Reached) {
	if len(all) != len(c.acceptors) {
		return
	}
	for i, reached := range all {
		if reached.Boot == 0 {
			continue
		}
		w := &c.acceptors[i]
		if b := w.boot(reached.Boot); b != nil {
			w.reach(b, reached.Sequence)
		}
	}
}

// reached is what the census has heard of each acceptor's newest boot, as accepts tell it.
func (c *census) reached() []Reached {
	all := make([]Reached, len(c.acceptors))
	for i := range c.acceptors {
		if boots := c.acceptors[i].boots; len(boots) > 0 {
			newest := boots[len(boots)-1]
			all[i] = Reached{Boot: newest.boot, Sequence: newest.reached}
		}
	}
	return all
}

// known returns what was heard of a boot, or nil.
func (w *witness) known(boot uint64) *bootHeard {
	for i := range w.boots {
		if w.boots[i].boot == boot {
			return &w.boots[i]
		}
	}
	return nil
}

// boot returns the entry of a boot, made if need be; nil where it is older than all that are
// remembered.
func (w *witness) boot(boot uint64) *bootHeard {
	if known := w.known(boot); known != nil {
		return known
	}
	at := 0
	for at < len(w.boots) && w.boots[at].boot < boot {
		at++
	}
	if len(w.boots) == maxBoots {
		if at == 0 {
			return nil
		}
		w.boots = slices.Delete(w.boots, 0, 1)
		at--
	}
	w.boots = slices.Insert(w.boots, at, bootHeard{boot: boot})
	return &w.boots[at]
}

// heard is what the census has heard, as hellos tell it.
func (c *census) heard() []Heard {
	boots := 0
	for i := range c.acceptors {
		boots += len(c.acceptors[i].boots)
	}
	all := make([]Heard, 0, boots)
	for i := range c.acceptors {
		w := &c.acceptors[i]
		for _, b := range w.boots {
			all = append(all, Heard{Acceptor: w.member.ID, Store: w.member.Store,
				Boot: b.boot, Process: b.process, Sequence: b.reached})
		}
	}
	return all
}
