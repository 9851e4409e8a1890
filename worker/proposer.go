package worker

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// ProposerOptions are what a proposer is run with.
type ProposerOptions struct {
	Options
}

// RunProposer runs a proposer until ctx ends, or something is wrong that only a person can put right. One
// that leads when ctx ends says that it stops, so that a standby takes over at once.
func RunProposer(ctx context.Context, o ProposerOptions) error {
	options, subjects, err := o.Options.complete(paxos.RoleProposer)
	if err != nil {
		return err
	}
	o.Options = options
	p := &proposer{
		log: o.Log, self: paxos.Address{Role: paxos.RoleProposer, ID: o.ID}, silence: leaderless,
		core: paxos.NewProposer(paxos.ProposerOptions{
			Log: o.Log, ID: o.ID, Process: newNonce(), Timing: o.Timing, Limits: o.Limits,
		}),
	}
	if err := p.connect(o, subjects); err != nil {
		return err
	}
	defer p.link.Close()
	return p.run(ctx, subjects.Status(paxos.RoleProposer, o.ID))
}

// proposer is a running proposer: its state machine, and what carries out its wishes. It is the role
// that the loop drives.
type proposer struct {
	log       string
	self      paxos.Address
	core      *paxos.Proposer
	link      *link.Link
	hands     hands
	admission *admission

	ticked  time.Time // when the core was given its last tick
	silence int       // ticks since another proposer's accept was heard
	status  atomic.Pointer[paxos.ProposerStatus]
}

func (p *proposer) connect(o ProposerOptions, subjects *codec.Subjects) (err error) {
	p.admission = &admission{log: o.Log, proposer: o.ID, subjects: subjects}
	p.link, err = link.Open(o.Conn, link.Role{
		Subjects: subjects, Log: o.Log, Self: p.self, MaxMessage: o.maxMessage(),
		Admit: p.admission.admit, Overflow: p.admission.overflow,
	})
	if err != nil {
		return err
	}
	sender := p.link.NewSender()
	p.hands = hands{
		send: sender.Send, answer: newAnswers(o.Log, o.ID, subjects, sender).answer, logger: o.Logger,
	}
	return nil
}

// run serves the status, and drives the proposer until ctx ends.
func (p *proposer) run(ctx context.Context, statusSubject string) error {
	if err := p.hands.carryOut(p.core.Start()); err != nil {
		return err
	}
	p.publish()
	if err := serve(p.link, p.self.Role, p.log, statusSubject, p.report); err != nil {
		return err
	}
	if err := p.link.Run(ctx, p, p.hands.carryOut); err != nil {
		return err
	}
	return p.hands.carryOut(p.core.Leave())
}

// Step hands the proposer what arrived.
func (p *proposer) Step(arrived ...paxos.Message) paxos.Effects {
	for i := range arrived {
		if _, ok := arrived[i].Body.(*paxos.Accept); ok {
			p.silence = 0
		}
	}
	return p.core.Step(arrived...)
}

// Tick hands the proposer a tick.
func (p *proposer) Tick() paxos.Effects {
	p.silence++
	p.publish()
	now := time.Now()
	if missed := now.Sub(p.ticked)/link.Tick - 1; missed > 0 && !p.ticked.IsZero() {
		p.core.Missed(int(missed))
	}
	p.ticked = now
	return p.core.Tick()
}

// leaderless is how many ticks without a leader's accept it takes before a proposer that does not lead
// answers what it refuses. A leader sends one at least every few ticks.
const leaderless = 100

// publish shows the proposer's state to other goroutines: to whoever asks, and to admission.
func (p *proposer) publish() {
	status := p.core.Status()
	p.status.Store(&status)
	p.admission.isAnswering.Store(status.State == "leading" || p.silence >= leaderless)
	p.admission.retry.Store(int64(status.Retry))
	p.admission.isFull.Store(status.Full)
}
