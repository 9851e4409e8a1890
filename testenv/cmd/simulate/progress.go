package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/synod-log/synod/testenv/simulate"
)

// progress tells how far a campaign is: on a terminal in one line that is written anew each second, else in
// a line every ten seconds.
type progress struct {
	to         *os.File
	isTerminal bool
	seeds      uint64        // 0: no end
	duration   time.Duration // 0: no end
	told       time.Duration
}

func newProgress(seeds uint64, duration time.Duration) *progress {
	p := &progress{to: os.Stderr, seeds: seeds, duration: duration}
	if info, err := p.to.Stat(); err == nil {
		p.isTerminal = info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// tellEvery is how often a line is written where there is no terminal.
const tellEvery = 10 * time.Second

func (p *progress) tell(done uint64, failed int, took time.Duration) {
	if !p.isTerminal && took-p.told < tellEvery {
		return
	}
	p.told = took
	line := fmt.Sprintf("%s worlds, %.0f a second, %d failed%s", grouped(done), float64(done)/took.Seconds(),
		failed, p.left(done, took))
	if p.isTerminal {
		fmt.Fprintf(p.to, "\r\x1b[K%s", line)
	} else {
		fmt.Fprintln(p.to, line)
	}
}

// left says how much longer it takes, as far as that is known.
func (p *progress) left(done uint64, took time.Duration) string {
	left := time.Duration(-1)
	if p.seeds > 0 && done > 0 {
		left = time.Duration(float64(took) * (float64(p.seeds)/float64(done) - 1))
	}
	if p.duration > 0 && (left < 0 || p.duration-took < left) {
		left = p.duration - took
	}
	if left < 0 {
		return ""
	}
	return fmt.Sprintf(", %v left", left.Round(time.Second))
}

// end leaves the line that was written last on a terminal empty.
func (p *progress) end() {
	if p.isTerminal {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}

// printFaults prints a table of what was injected.
func printFaults(to io.Writer, faults *simulate.Faults, worlds uint64) {
	fmt.Fprintf(to, "\n%-32s %14s %11s\n", "injected", "times", "per world")
	for i, count := range faults {
		each := float64(count) / float64(max(worlds, 1))
		fmt.Fprintf(to, "%-32s %14s %11.3f\n", simulate.Fault(i), grouped(count), each)
	}
}

// grouped is a number with its digits in threes.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var text strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			text.WriteByte(',')
		}
		text.WriteRune(digit)
	}
	return text.String()
}
