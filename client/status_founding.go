package client

import (
	"fmt"
	"slices"
	"strings"
)

// concludeFounding says what founding waits for. Acceptors say it themselves, but not all of them,
// and not of each other.
func (j *judgement) concludeFounding() {
	founders, conflict := j.founders()
	var heard []string
	for i := range j.facts.Acceptors {
		heard = append(heard, j.facts.Acceptors[i].ID)
	}
	missing := slices.DeleteFunc(slices.Clone(founders), func(id string) bool {
		return slices.Contains(heard, id)
	})
	switch {
	case conflict != "":
		j.stall("not founded; "+conflict,
			"stop all acceptors and start them again with the same --members")
	case len(missing) > 0:
		j.stall(fmt.Sprintf("not founded; waiting for %s (heard %s)",
			strings.Join(missing, ", "), strings.Join(heard, ", ")),
			fmt.Sprintf("start %s with --members %s, as the others were: all found the log together, "+
				"and afterwards it needs only a quorum of them",
				enumerate(missing), strings.Join(founders, ",")))
	default:
		j.stall(fmt.Sprintf("being founded by %s", strings.Join(heard, ", ")),
			"that takes about two seconds: look again")
	}
}

// founders are the acceptors that found the log, by the words of the first; or a conflict, in
// words, where another says otherwise.
func (j *judgement) founders() (founders []string, conflict string) {
	first := &j.facts.Acceptors[0]
	for i := range j.facts.Acceptors {
		other := &j.facts.Acceptors[i]
		if !slices.Equal(first.Founders, other.Founders) {
			return nil, fmt.Sprintf("%s names members %s, and %s names %s", first.ID,
				strings.Join(first.Founders, ", "), other.ID, strings.Join(other.Founders, ", "))
		}
	}
	return first.Founders, ""
}
