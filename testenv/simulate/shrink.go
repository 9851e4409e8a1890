package simulate

import "strings"

// Script is the run as it can be fed to Replay, or kept under testdata: the setup, then an operation a line.
func (f *Failure) Script() string {
	var text strings.Builder
	text.WriteString(f.Setup.String())
	text.WriteByte('\n')
	for _, op := range f.Ops {
		text.WriteString(op.String())
		text.WriteByte('\n')
	}
	return text.String()
}

// Replay carries out operations in a new world, until one breaks a rule.
func Replay(setup Setup, ops []Operation) *Violation {
	var w World
	return w.replay(setup, ops)
}

func (w *World) replay(setup Setup, ops []Operation) *Violation {
	w.Reset(setup, 0)
	for _, op := range ops {
		if w.violation != nil {
			break
		}
		w.Do(op)
	}
	return w.violation
}

// ParseScript reads what Script wrote. Empty lines and those that begin with # mean nothing.
func ParseScript(text string) (Setup, []Operation, error) {
	setup := DefaultSetup()
	var ops []Operation
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "cluster") {
			var err error
			if setup, err = ParseSetup(line); err != nil {
				return setup, nil, err
			}
			continue
		}
		op, err := Parse(line)
		if err != nil {
			return setup, nil, err
		}
		ops = append(ops, op)
	}
	return setup, ops, nil
}

// shrinker leaves out operations of a failing run for as long as it breaks the same rule.
type shrinker struct {
	world  World
	setup  Setup
	rule   string
	budget int // replays left
}

// Shrink returns a failure of the same rule with as few operations as a few thousand replays find.
func (f *Failure) Shrink() *Failure {
	s := shrinker{setup: f.Setup, rule: f.Violation.Rule, budget: 4000}
	if f.Violation.Rule == "liveness" {
		s.budget = 400 // each takes all the rounds there are
	}
	ops := s.shrink(f.Ops)
	small := &Failure{Seed: f.Seed, Setup: f.Setup, Ops: ops, Violation: s.world.replay(f.Setup, ops)}
	if small.Violation == nil {
		return f
	}
	return small
}

// shrink removes ever smaller pieces [Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing
// Input], then makes what is left smaller in itself.
func (s *shrinker) shrink(ops []Operation) []Operation {
	for piece := len(ops) / 2; piece > 0 && s.budget > 0; {
		removed := false
		for at := 0; at+piece <= len(ops) && s.budget > 0; {
			without := append(append([]Operation(nil), ops[:at]...), ops[at+piece:]...)
			if s.fails(without) {
				ops, removed = without, true
			} else {
				at += piece
			}
		}
		if !removed || piece > len(ops) {
			piece /= 2
		}
	}
	return s.lessen(ops)
}

// lessen reduces the numbers of rounds and ticks, and the values of proposals.
func (s *shrinker) lessen(ops []Operation) []Operation {
	for i := range ops {
		for ops[i].N > 1 && ops[i].Verb != Settle && s.try(ops, i, ops[i].less()) {
			continue
		}
		for len(ops[i].Args) > 1 && ops[i].Verb == Propose {
			fewer := ops[i]
			fewer.Args = fewer.Args[1:]
			if !s.try(ops, i, fewer) {
				break
			}
		}
	}
	return ops
}

func (o Operation) less() Operation {
	o.N = max(1, min(o.N-1, o.N*3/4))
	return o
}

// try replaces one operation, and keeps it so if the run still fails.
func (s *shrinker) try(ops []Operation, i int, by Operation) bool {
	was := ops[i]
	ops[i] = by
	if s.budget > 0 && s.fails(ops) {
		return true
	}
	ops[i] = was
	return false
}

func (s *shrinker) fails(ops []Operation) bool {
	s.budget--
	v := s.world.replay(s.setup, ops)
	return v != nil && v.Rule == s.rule
}
