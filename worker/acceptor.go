package worker

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

// AcceptorOptions are what an acceptor is run with.
type AcceptorOptions struct {
	Options
	// Founders are the ids of the acceptors that found the log together, this one's among them.
	Founders []string
	// Dir is the directory of its store, made where it is missing.
	Dir string
	// SegmentBytes is the size of the store's segments; 0 is the store's default.
	SegmentBytes int64
	// FS is where Dir is; nil is the operating system's file system.
	FS store.FS
}

// RunAcceptor runs an acceptor until ctx ends, or something is wrong that only a person can put right.
func RunAcceptor(ctx context.Context, o AcceptorOptions) (err error) {
	options, subjects, err := o.Options.complete(paxos.RoleAcceptor)
	if err != nil {
		return err
	}
	o.Options = options
	if err := checkFounders(o.ID, o.Founders); err != nil {
		return err
	}
	a := &acceptor{log: o.Log, self: paxos.Address{Role: paxos.RoleAcceptor, ID: o.ID}}
	if err := a.open(o); err != nil {
		return err
	}
	defer func() {
		if closing := a.store.Close(); err == nil {
			err = a.named(closing) // a store that failed would say the same once more
		}
	}()
	a.link, err = link.Open(o.Conn, link.Role{
		Subjects: subjects, Log: o.Log, Self: a.self, MaxMessage: o.maxMessage(),
		Doze: acceptorDoze,
	})
	if err != nil {
		return err
	}
	defer a.link.Close()
	page := func() int { return min(o.limits().Page, int(a.link.MaxPayload())-messageReserve) }
	a.reads = startReads(a.store, page, func() func(paxos.Message) { return a.link.NewSender().Send })
	defer a.reads.stop()
	a.hands = hands{save: a.save, send: a.link.NewSender().Send, read: a.read, logger: o.Logger}
	return a.run(ctx, subjects.Status(paxos.RoleAcceptor, o.ID))
}

// checkFounders checks what only a person can correct: a wrong list would have the founders wait for ever.
func checkFounders(self string, founders []string) error {
	for i, id := range founders {
		if err := codec.CheckID(id); err != nil {
			return fmt.Errorf("founder %d: %w", i+1, err)
		}
		if slices.Contains(founders[:i], id) {
			return fmt.Errorf("founder %s is listed twice", id)
		}
	}
	if len(founders) > paxos.MaxMembers {
		return fmt.Errorf("%d founders are listed; at most %d are allowed", len(founders), paxos.MaxMembers)
	}
	if !slices.Contains(founders, self) {
		return fmt.Errorf("acceptor %s is not one of the founders %v: list the ids of all acceptors that "+
			"found the log, its own among them, the same list for each", self, founders)
	}
	return nil
}

// acceptor is a running acceptor: its state machine, and what carries out its wishes. It is the role
// that the loop drives.
type acceptor struct {
	log   string
	self  paxos.Address
	core  *paxos.Acceptor
	store *store.Store
	link  *link.Link
	hands hands
	reads *reads

	tag    paxos.Tag // of its membership, once it has adopted one
	quiet  int       // ticks since something was saved
	status atomic.Pointer[paxos.AcceptorStatus]
}

// open opens the store and gives the state machine its records.
func (a *acceptor) open(o AcceptorOptions) (err error) {
	a.store, err = store.Open(o.Dir, store.Options{
		Log: o.Log, Acceptor: o.ID, SegmentBytes: o.SegmentBytes, FS: o.FS,
		Opened: func(id paxos.StoreID) {
			a.core = paxos.NewAcceptor(paxos.AcceptorOptions{
				Log: o.Log, ID: o.ID, Founders: o.Founders, Store: id, Process: newNonce(),
				Timing: o.Timing, Limits: o.Limits,
			})
		},
	}, func(record paxos.Record) { a.core.Restore(record) })
	return a.named(err)
}

// named says whose store an error of the store is about.
func (a *acceptor) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("acceptor %s of log %s: %w", a.self.ID, a.log, err)
}

// run serves the status, and drives the acceptor until ctx ends.
func (a *acceptor) run(ctx context.Context, statusSubject string) error {
	if err := a.carryOut(a.core.Start()); err != nil {
		return err
	}
	a.publish()
	if err := serve(a.link, a.self.Role, a.log, statusSubject, a.report); err != nil {
		return err
	}
	return a.link.Run(ctx, a, a.carryOut)
}

// Step hands the acceptor what arrived.
func (a *acceptor) Step(arrived ...paxos.Message) paxos.Effects { return a.core.Step(arrived...) }

// acceptorDoze is how many ticks an acceptor may get together: half of what a new worker waits at most
// to be greeted. A leader that is heard wakes it as often.
const acceptorDoze = 5

// Tick hands the acceptor a tick.
func (a *acceptor) Tick() paxos.Effects {
	a.quiet++
	a.publish()
	return a.core.Tick()
}

// markAfter is how many ticks nothing is saved before the store notes that all it has was synced.
const markAfter = 100

func (a *acceptor) carryOut(effects paxos.Effects) error {
	if err := a.hands.carryOut(effects); err != nil {
		return err
	}
	if err := a.reads.failure(); err != nil {
		return a.named(err)
	}
	if a.quiet == markAfter {
		a.quiet++
		return a.named(a.store.MarkSynced())
	}
	return nil
}

func (a *acceptor) save(records []paxos.Record) error {
	a.quiet = 0
	return a.named(a.store.Save(records))
}

func (a *acceptor) read(read paxos.Read) {
	if a.tag.IsZero() {
		a.tag = a.core.Status().Membership.Tag(a.log) // adopted once, and never changed
	}
	a.reads.ask(request{Read: read, tag: a.tag, from: a.self})
}

// publish shows the acceptor's state to whoever asks, in other goroutines.
func (a *acceptor) publish() {
	status := a.core.Status()
	a.status.Store(&status)
}
