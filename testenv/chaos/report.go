package chaos

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// shown is how much of what did not hold is printed.
const shown = 20

// around is how long after a fault a pause is still put down to it.
const around = 3 * time.Second

// report prints the faults by kind, and what clients saw of the whole run.
func (r *runner) report(e ending) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	table := tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\ntimes\ttook, at most\tlongest pause\twent on after\theld\t  fault\t")
	for _, k := range kinds {
		r.reportKind(table, k.name)
	}
	table.Flush()
	for _, why := range r.skipped {
		fmt.Fprintln(r.Out, why)
	}
	r.reportTotals(e)
	for i, text := range r.broken {
		if i == shown {
			fmt.Fprintf(r.Out, "and %d more, in broken.txt\n", len(r.broken)-i)
			break
		}
		fmt.Fprintln(r.Out, "BROKEN:", text)
	}
}

// reportKind prints what is to be said of all faults of one kind.
func (r *runner) reportKind(to io.Writer, name string) {
	var took, pause, resumed time.Duration
	times, held := 0, "yes"
	for _, i := range r.done {
		if i.Kind != name {
			continue
		}
		times++
		took, resumed = max(took, i.ended-i.began), max(resumed, i.resumed)
		pause = max(pause, r.history.longestPause(i.began, i.ended+around))
		if i.err != nil {
			held = "NO"
		}
	}
	if times > 0 {
		fmt.Fprintf(to, "%d\t%v\t%v\t%v\t%s\t  %s\t\n", times, took.Round(10*time.Millisecond),
			pause.Round(10*time.Millisecond), resumed.Round(10*time.Millisecond), held, name)
	}
}

func (r *runner) reportTotals(e ending) {
	h := r.history
	acknowledged, refused, duplicates := 0, 0, 0
	for _, request := range h.requests {
		switch {
		case request.Slot != 0:
			acknowledged++
		case request.Refused:
			refused++
		}
		if request.Duplicate {
			duplicates++
		}
	}
	noops, slotsRead := 0, 0
	for _, slot := range e.log {
		if slot.IsNoop {
			noops++
		}
	}
	for _, read := range h.reads {
		slotsRead += len(read.Sums)
	}
	fmt.Fprintf(r.Out, "\n%d faults injected; %d proposals: %d acknowledged (%d of them repeats), "+
		"%d refused, %d unknown\n", len(r.done), len(h.requests), acknowledged, duplicates, refused,
		len(h.requests)-acknowledged-refused)
	fmt.Fprintf(r.Out, "the log has %d slots, %d of them no-ops; %d reads saw %d slots\n", len(e.log),
		noops, len(h.reads), slotsRead)
	if len(h.acks) > 0 {
		fmt.Fprintf(r.Out, "longest pause of acknowledgements %v; after the healing, the log went on in %v "+
			"and all were level in %v\n", h.longestPause(h.acks[0], h.acks[len(h.acks)-1]).Round(time.Millisecond),
			e.resumed.Round(time.Millisecond), e.level.Round(time.Millisecond))
	}
	fmt.Fprintf(r.Out, "most memory: %s\n", r.memory())
}

// memory is the most memory that any process of each role had.
func (r *runner) memory() string {
	peaks := make(map[byte]int64)
	for id, m := range r.cluster.members {
		peaks[id[0]] = max(peaks[id[0]], m.peak)
	}
	var texts []string
	for _, role := range []struct {
		letter byte
		name   string
	}{{'a', "acceptor"}, {'p', "proposer"}, {'l', "learner"}, {'b', "broker"}} {
		texts = append(texts, fmt.Sprintf("%s %d MiB", role.name, peaks[role.letter]>>20))
	}
	return strings.Join(texts, ", ")
}
