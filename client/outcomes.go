package client

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// onOutcomes hears how proposals ended.
func (l *pipeline) onOutcomes(msg *nats.Msg) {
	_, outcomes, err := codec.DecodeOutcomes(msg.Data)
	l.Lock()
	defer l.Unlock()
	now := time.Now()
	switch {
	case err == nil:
		l.onEach(outcomes, now)
	case len(msg.Data) == 0 && msg.Header.Get("Status") == "503":
		l.onSilence(fmt.Errorf("%w: no proposer of log %s listens", ErrNoLeader, l.log), now)
	default:
		l.onSilence(fmt.Errorf("%w: %q", ErrForeignAnswer, msg.Data[:min(len(msg.Data), 200)]), now)
	}
	l.prompt()
	if l.refused > 0 {
		l.rouse() // there may be room for what was refused
	}
}

// onSilence hears that no proposer has what was sent.
func (l *pipeline) onSilence(cause error, now time.Time) {
	l.cause = cause
	l.rouse()
	for _, m := range l.sent {
		if m.due.Sub(now) > m.wait { // else it is to be sent again anyway
			l.retry(m, now)
		}
	}
}

func (l *pipeline) onEach(outcomes []paxos.Outcome, now time.Time) {
	var last *message // outcomes of one message come together
	for i := range outcomes {
		o := outcomes[i]
		for more := o.More; more >= 0; more-- {
			if last == nil || last.left == 0 || !last.has(o.Reply.Number) {
				index, ok := l.find(o.Reply.Number)
				if !ok {
					break // of proposals that were given up, or answered before
				}
				last = l.sent[index]
			}
			if p := last.proposals[o.Reply.Number-last.first]; p != nil {
				l.onOutcome(last, p, &o, now)
			}
			o.Reply.Number++
			if o.Code == paxos.OutcomeChosen {
				o.Slot++
			}
		}
	}
}

func (l *pipeline) onOutcome(m *message, p *Pending, o *paxos.Outcome, now time.Time) {
	if o.Code == paxos.OutcomeChosen {
		l.cause = nil
		l.resolve(p, Outcome{Slot: uint64(o.Slot), Duplicate: o.Duplicate}, nil)
		if m.left == 0 {
			l.crowding.onChosen()
		}
		return
	}
	err := errorOf(o.Code, string([]byte(o.Why)))
	switch o.Code {
	case codeBadRequest, codeTooLarge:
		l.refuse(m, err)
		return
	case paxos.OutcomeOverloaded:
		l.onRefused(m, time.Duration(o.Retry)*link.Tick, now)
	default:
		if m.due.Sub(now) > m.wait { // once for all that it says of one message
			l.retry(m, now)
		}
	}
	l.cause = err
	l.rouse()
}
