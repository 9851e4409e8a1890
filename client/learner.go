package client

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync/atomic"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// LearnerOptions are what a learner is made with. Log is required; the rest has defaults.
type LearnerOptions struct {
	Conn   link.Options
	Prefix string // first token of all subjects; "" is "synod"
	Log    string
	// ID is the learner's own among all of its role; "" draws one.
	ID string
	// Role is paxos.RoleLearner for a learner that runs as a worker, else a client's; "" is a client's.
	Role paxos.RoleKind
	// From is the first slot to learn; 0 is 1.
	From paxos.Slot
	// BufferBytes is how much may be learned ahead of the consumer; 0 is 16 MiB.
	BufferBytes int
	// Face shows the log to the world. With one, the learner offers to publish the feed; nil: it does not.
	Face   Face
	Timing paxos.Timing
	Limits paxos.Limits
	Logger *slog.Logger // nil is slog.Default()
}

// Face shows the log to the world as it is learned. It is called from the learner's loop, and must not
// wait.
type Face interface {
	// Learned hears each run as soon as it is learned, in slot order.
	Learned(run paxos.Run)
	// Feed is told to publish slots, all learned.
	Feed(span paxos.Span)
	// Settled hears every page of settled values that comes, asked for by whomever.
	Settled(page *paxos.Settled)
}

func (o LearnerOptions) orDefault() LearnerOptions {
	o.Role = cmp.Or(o.Role, paxos.RoleClient)
	o.BufferBytes = cmp.Or(o.BufferBytes, defaultBufferBytes)
	if o.ID == "" {
		var id [8]byte
		rand.Read(id[:]) // never fails
		o.ID = hex.EncodeToString(id[:])
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Conn.Logger == nil {
		o.Conn.Logger = o.Logger
	}
	return o
}

// Learner learns a log in this process, over a connection of its own: it hears what the leader proposes and
// how far that is chosen, and pulls from acceptors what it missed.
type Learner struct {
	core     *paxos.Learner
	link     *link.Link
	logger   *slog.Logger
	sender   *link.Sender
	delivery *delivery
	face     Face // nil: none
	status   atomic.Pointer[paxos.LearnerStatus]
}

// Learn hands deliver every run of the log from options.From on, in slot order, each slot once, until
// ctx ends (then it returns nil) or deliver returns an error, which it returns. Deliver may take its
// time: the learner then lags, and loses nothing.
func Learn(ctx context.Context, options LearnerOptions, deliver func(paxos.Run) error) error {
	l, err := NewLearner(options)
	if err != nil {
		return err
	}
	defer l.Close()
	return l.Run(ctx, deliver)
}

// NewLearner makes a learner that Run runs and Close closes. It begins to connect, and waits for no
// broker.
func NewLearner(options LearnerOptions) (*Learner, error) {
	options = options.orDefault()
	if err := codec.CheckID(options.ID); err != nil {
		return nil, err
	}
	subjects, err := codec.NewSubjects(options.Prefix, options.Log)
	if err != nil {
		return nil, err
	}
	self := paxos.Address{Role: options.Role, ID: options.ID}
	opened, err := link.Open(options.Conn, link.Role{
		Subjects: subjects, Log: options.Log, Self: self, Doze: learnerDoze,
	})
	if err != nil {
		return nil, err
	}
	l := &Learner{
		core: paxos.NewLearner(paxos.LearnerOptions{
			Log: options.Log, ID: options.ID, Process: newProcess(),
			Client: options.Role == paxos.RoleClient, From: options.From, Feed: options.Face != nil,
			Timing: options.Timing, Limits: options.Limits,
		}),
		link: opened, logger: options.Logger, sender: opened.NewSender(),
		delivery: newDelivery(options.BufferBytes), face: options.Face,
	}
	l.publish()
	return l, nil
}

// Link is the learner's connection.
func (l *Learner) Link() *link.Link { return l.link }

// Status is where the learner is, as of a tick ago. It may be called from any goroutine.
func (l *Learner) Status() paxos.LearnerStatus { return *l.status.Load() }

// Delivered is the last slot that the consumer has taken; 0 where it has taken none.
func (l *Learner) Delivered() paxos.Slot { return paxos.Slot(l.delivery.delivered.Load()) }

// Close ends the connection.
func (l *Learner) Close() { l.link.Close() }

// Run runs the learner, once; see Learn.
func (l *Learner) Run(ctx context.Context, deliver func(paxos.Run) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	finished := make(chan error, 1)
	go func() {
		defer stop()
		finished <- l.delivery.run(ctx, deliver)
	}()
	err := l.carryOut(l.core.Start())
	if err == nil {
		err = l.link.Run(ctx, l, l.carryOut)
	}
	if err == nil {
		err = l.carryOut(l.core.Leave())
	}
	stop()
	if failed := <-finished; failed != nil {
		return failed // the consumer's error ended the learner
	}
	return err
}

// Step hands the learner what arrived. While the consumer is a whole buffer behind, it hears no more
// values, so that what is learned ahead stays bounded; it goes on to hear who leads and how far the log
// is, and pulls what it refused when there is room again.
func (l *Learner) Step(arrived ...paxos.Message) paxos.Effects {
	if l.face != nil {
		l.showPages(arrived)
	}
	if l.delivery.isFull() {
		arrived = withoutValues(arrived)
	}
	return l.core.Step(arrived...)
}

// showPages shows the face what it may have asked for.
func (l *Learner) showPages(arrived []paxos.Message) {
	for i := range arrived {
		if page, ok := arrived[i].Body.(*paxos.Settled); ok {
			l.face.Settled(page)
		}
	}
}

// learnerDoze is how many ticks a learner may get together. It is told what to do by what arrives; alone it only
// says hello, and asks again for what does not come.
const learnerDoze = 10

// Tick hands the learner a tick.
func (l *Learner) Tick() paxos.Effects {
	l.publish()
	return l.core.Tick()
}

// carryOut does what the learner wants done. A learner saves nothing, so that there is no order to keep.
func (l *Learner) carryOut(effects paxos.Effects) error {
	isFull := l.delivery.isFull()
	for i := range effects.Send {
		if _, isPull := effects.Send[i].Body.(*paxos.Pull); isPull && isFull {
			continue // there is no room for the answer
		}
		l.sender.Send(effects.Send[i])
	}
	for _, run := range effects.Learned {
		if l.face != nil {
			l.face.Learned(run)
		}
		l.delivery.add(run)
	}
	if !effects.Feed.IsEmpty() {
		l.face.Feed(effects.Feed)
	}
	return link.Tell(l.logger, effects.Notices)
}

func (l *Learner) publish() {
	status := l.core.Status()
	l.status.Store(&status)
}

// withoutValues leaves out of messages the values of accepts, and pages of settled ones. It writes into
// the slice it is given.
func withoutValues(messages []paxos.Message) []paxos.Message {
	kept := messages[:0]
	for _, m := range messages {
		switch body := m.Body.(type) {
		case *paxos.Settled:
			continue
		case *paxos.Accept:
			m.Body = &paxos.Accept{Ballot: body.Ballot, Chosen: body.Chosen}
		}
		kept = append(kept, m)
	}
	clear(messages[len(kept):])
	return kept
}

func newProcess() (process paxos.Nonce) {
	rand.Read(process[:]) // never fails
	return process
}
