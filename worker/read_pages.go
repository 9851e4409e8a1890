package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

const (
	// keptPages is how many pages are kept: who reads on mostly wants what is left of the last.
	keptPages = 8
	// pageWithin is how long one acceptor may take.
	pageWithin = 500 * time.Millisecond
	// pageRounds is how often each acceptor is asked.
	pageRounds = 2
)

// pulledPages are pages of settled values that acceptors sent, and who waits for one. Chosen values never change,
// so that a page is right for ever.
type pulledPages struct {
	mutex   sync.Mutex
	waiting map[paxos.Slot][]chan *paxos.Settled // by the first slot asked for
	kept    []paxos.Run                          // the latest last
}

func newPulledPages() *pulledPages {
	return &pulledPages{waiting: make(map[paxos.Slot][]chan *paxos.Settled)}
}

// onSettled hears a page, which may be for somebody here or not.
func (p *pulledPages) onSettled(page *paxos.Settled) {
	if page.IDsOnly {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	waiting := p.waiting[page.Run.First]
	if len(waiting) == 0 {
		return
	}
	for _, one := range waiting {
		select {
		case one <- page:
		default: // it has one already
		}
	}
	if !page.Run.IsEmpty() {
		if len(p.kept) == keptPages {
			p.kept = append(p.kept[:0], p.kept[1:]...)
		}
		p.kept = append(p.kept, page.Run)
	}
}

// at returns what is kept from slot on, of one page; an empty run where nothing is.
func (p *pulledPages) at(slot paxos.Slot) paxos.Run {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, run := range p.kept {
		if run.Span().Contains(slot) {
			return run.From(slot)
		}
	}
	return paxos.Run{}
}

func (p *pulledPages) await(slot paxos.Slot) chan *paxos.Settled {
	one := make(chan *paxos.Settled, 1)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.waiting[slot] = append(p.waiting[slot], one)
	return one
}

func (p *pulledPages) forget(slot paxos.Slot, one chan *paxos.Settled) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	left := p.waiting[slot][:0]
	for _, other := range p.waiting[slot] {
		if other != one {
			left = append(left, other)
		}
	}
	if p.waiting[slot] = left; len(left) == 0 {
		delete(p.waiting, slot)
	}
}

// pull asks acceptors for pages, one at a time. It serves one goroutine.
type pull struct {
	pages   *pulledPages
	learner *client.Learner
	log, id string
	send    func(paxos.Message)
	turn    int // the acceptor asked first; each page begins with the next
}

// page returns settled values from slot on: of a page that is kept, or of the first acceptor that has some.
func (p *pull) page(ctx context.Context, slot paxos.Slot) (paxos.Run, error) {
	if run := p.pages.at(slot); !run.IsEmpty() {
		return run, nil
	}
	arrived := p.pages.await(slot)
	defer p.pages.forget(slot, arrived)
	membership := p.learner.Status().Membership
	tag := membership.Tag(p.log)
	for range pageRounds * len(membership.Members) {
		p.turn++
		asked := membership.Members[p.turn%len(membership.Members)].ID
		p.send(paxos.Message{
			From: paxos.Address{Role: paxos.RoleLearner, ID: p.id},
			To:   paxos.Address{Role: paxos.RoleAcceptor, ID: asked},
			Tag:  tag, Body: &paxos.Pull{First: slot},
		})
		run, trimmed, err := p.answer(ctx, slot, arrived)
		if !run.IsEmpty() || err != nil {
			return run, err
		}
		if trimmed > slot {
			return paxos.Run{}, trimmedError{first: trimmed}
		}
	}
	return paxos.Run{}, fmt.Errorf("no acceptor sends slot %d now: ask again in a moment", slot)
}

func (p *pull) answer(
	ctx context.Context, slot paxos.Slot, arrived chan *paxos.Settled,
) (paxos.Run, paxos.Slot, error) {
	timer := time.NewTimer(pageWithin)
	defer timer.Stop()
	select {
	case page := <-arrived:
		return page.Run, page.Trimmed, nil
	case <-timer.C:
		return paxos.Run{}, 0, nil
	case <-ctx.Done():
		return paxos.Run{}, 0, ctx.Err()
	}
}

// trimmedError says that a slot is gone from the log.
type trimmedError struct{ first paxos.Slot }

func (e trimmedError) Error() string { return fmt.Sprintf("slots below %d are gone", e.first) }
