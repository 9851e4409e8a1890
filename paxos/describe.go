package paxos

import (
	"fmt"
	"strings"
)

// describe writes a body in a few words, for traces.
func describe(body Body) string {
	switch b := body.(type) {
	case *Prepare:
		return fmt.Sprintf("prepare %v from %d", b.Ballot, b.First)
	case *Promise:
		return fmt.Sprintf("promise %v settled %d%s", b.Ballot, b.Settled, describeProposals(b))
	case *Accept:
		if b.Run.IsEmpty() {
			return fmt.Sprintf("heartbeat %v chosen %d", b.Ballot, b.Chosen)
		}
		return fmt.Sprintf("accept %v %v chosen %d", b.Ballot, b.Run, b.Chosen)
	case *Chosen:
		return fmt.Sprintf("chosen %v through %d", b.Ballot, b.Through)
	case *Accepted:
		return fmt.Sprintf("accepted %v %v", b.Ballot, b.Span)
	case *Preempted:
		return fmt.Sprintf("preempted %v by %v", b.Ballot, b.By)
	case *Stop:
		return fmt.Sprintf("stop %v", b.Ballot)
	case *Pull:
		if b.IDsOnly {
			return fmt.Sprintf("pull ids from %d", b.First)
		}
		return fmt.Sprintf("pull from %d", b.First)
	case *Settled:
		return fmt.Sprintf("settled %v through %d", b.Run, b.Through)
	case *Hello:
		return fmt.Sprintf("hello at %d", b.Position)
	case *Propose:
		return fmt.Sprintf("propose %v", Run{Values: b.Values})
	}
	return fmt.Sprintf("%T", body)
}

func describeProposals(p *Promise) string {
	var text strings.Builder
	for _, proposal := range p.Proposals {
		fmt.Fprintf(&text, " %v@%v", proposal.Run, proposal.Ballot)
	}
	if p.Last != 0 {
		fmt.Fprintf(&text, " more after %d", p.Last)
	}
	return text.String()
}

// String is the run's slots and values, cut short: "7-8[red blue]".
func (r Run) String() string {
	words := make([]string, 0, len(r.Values))
	for _, v := range r.Values {
		words = append(words, v.String())
	}
	if r.First == 0 {
		return "[" + strings.Join(words, " ") + "]"
	}
	return fmt.Sprintf("%v[%s]", r.Span(), strings.Join(words, " "))
}

// String is the value's bytes, cut short, or "no-op".
func (v Value) String() string {
	const most = 24
	if v.Kind == KindNoop {
		return "no-op"
	}
	if len(v.Data) > most {
		return string(v.Data[:most]) + "…"
	}
	return string(v.Data)
}
