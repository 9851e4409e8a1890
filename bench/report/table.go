package report

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/synod-log/synod/bench/result"
)

// none stands where nothing was measured.
const none = "–"

// table is rows of cells under a heading, written as Markdown that is aligned for terminals.
type table struct {
	heading []string
	rows    [][]string
}

// add adds a row, unless nothing in it but its first cell was measured.
func (t *table) add(cells ...string) {
	for _, cell := range cells[1:] {
		if cell != none {
			t.rows = append(t.rows, cells)
			return
		}
	}
}

func (t *table) String() string {
	if len(t.rows) == 0 {
		return "Not measured in this run.\n"
	}
	widths := make([]int, len(t.heading))
	for _, row := range append([][]string{t.heading}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	line := func(row []string) {
		for i, cell := range row {
			fmt.Fprintf(&b, "| %s%s ", cell, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}
		b.WriteString("|\n")
	}
	line(t.heading)
	for i, width := range widths {
		rule := strings.Repeat("-", width+1) + ":"
		if i == 0 {
			rule = strings.Repeat("-", width+2)
		}
		b.WriteString("|" + rule)
	}
	b.WriteString("|\n")
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

// number writes a figure with as many digits as it deserves.
func number(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return none
	case size >= 10_000_000:
		return fmt.Sprintf("%.1f M", v/1e6)
	case size >= 1_000_000:
		return fmt.Sprintf("%.2f M", v/1e6)
	case size >= 10_000:
		return fmt.Sprintf("%.0f k", v/1e3)
	case size >= 1000:
		return fmt.Sprintf("%.1f k", v/1e3)
	case size >= 100, v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// spread writes a median, and between which figures it lies.
func spread(s result.Summary) string {
	if s.Rounds < 2 {
		return number(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", number(s.Median), number(s.Min), number(s.Max))
}

// micros writes a time given in microseconds.
func micros(v float64) string {
	switch {
	case math.IsNaN(v):
		return none
	case v >= 1e6:
		return fmt.Sprintf("%.2f s", v/1e6)
	case v >= 10_000:
		return fmt.Sprintf("%.0f ms", v/1e3)
	case v >= 1000:
		return fmt.Sprintf("%.1f ms", v/1e3)
	case v >= 100, v == math.Trunc(v):
		return fmt.Sprintf("%.0f µs", v)
	}
	return fmt.Sprintf("%.1f µs", v)
}
