package client

import "context"

// watch gives proposals up when the context ends that they share. The pipeline's lock guards it.
type watch struct {
	done  <-chan struct{} // of the context
	stop  func() bool
	first *Pending // in a list, in no order
}

// watchOver has a proposal given up when ctx ends. Contexts that are done together share a watch: it costs
// more than a proposal does.
func (l *pipeline) watchOver(ctx context.Context, p *Pending) {
	done := ctx.Done()
	if done == nil {
		return
	}
	w := l.watches[done]
	if w == nil {
		w = &watch{done: done}
		w.stop = context.AfterFunc(ctx, func() { l.onEnd(w, context.Cause(ctx)) })
		l.watches[done] = w
	}
	p.watch, p.next = w, w.first
	if p.next != nil {
		p.next.previous = p
	}
	w.first = p
}

// unwatch takes a proposal off its watch, and ends one that has no more.
func (l *pipeline) unwatch(p *Pending) {
	w := p.watch
	if p.previous == nil {
		w.first = p.next
	} else {
		p.previous.next = p.next
	}
	if p.next != nil {
		p.next.previous = p.previous
	}
	p.watch, p.next, p.previous = nil, nil, nil
	if w.first == nil {
		w.stop()
		delete(l.watches, w.done)
	}
}

func (l *pipeline) onEnd(w *watch, why error) {
	l.Lock()
	defer l.Unlock()
	for w.first != nil {
		l.giveUp(w.first, why)
	}
	l.tidy()
}
