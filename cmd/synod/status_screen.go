package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// screen is where people read: a terminal, perhaps with colours, or a file.
type screen struct {
	out        io.Writer
	isTerminal bool
	isColoured bool
}

func newScreen(out io.Writer) screen {
	s := screen{out: out}
	if file, ok := out.(*os.File); ok {
		info, err := file.Stat()
		s.isTerminal = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	s.isColoured = s.isTerminal && os.Getenv("NO_COLOR") == ""
	return s
}

func (s screen) print(text string) error {
	_, err := io.WriteString(s.out, text)
	return err
}

// printJSON writes a value as JSON that people can read too.
func (s screen) printJSON(value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return s.print(string(data) + "\n")
}

// clear makes room for what will be redrawn.
func (s screen) clear() error { return s.print("\x1b[2J") }

// redraw writes a text over the last one, from the top, without clearing first: that would flicker.
func (s screen) redraw(text string) error {
	const home, clearLine, clearBelow = "\x1b[H", "\x1b[K", "\x1b[J"
	return s.print(home + strings.ReplaceAll(text, "\n", clearLine+"\n") + clearBelow)
}

func (s screen) green(text string) string  { return s.in("32", text) }
func (s screen) yellow(text string) string { return s.in("33", text) }
func (s screen) red(text string) string    { return s.in("31", text) }
func (s screen) dim(text string) string    { return s.in("2", text) }
func (s screen) bold(text string) string   { return s.in("1", text) }

func (s screen) in(code, text string) string {
	if !s.isColoured || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// table is rows under a head, in aligned columns. Numbers stand at the right.
type table struct {
	head []string // a name that ends in ">" is of a column of numbers
	rows [][]cell
}

// cell is a text, and how it is painted once it is as wide as its column.
type cell struct {
	text  string
	paint func(string) string
}

func plain(text string) cell { return cell{text: text} }

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// lines returns the table, a line for each row. Nothing follows the last word of a line.
func (t *table) lines(s screen) string {
	if len(t.rows) == 0 {
		return ""
	}
	rows := append([][]cell{t.headCells(s)}, t.rows...)
	widths := make([]int, len(t.head))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	var text strings.Builder
	for _, row := range rows {
		text.WriteString(t.line(row, widths) + "\n")
	}
	return text.String()
}

func (t *table) headCells(s screen) []cell {
	cells := make([]cell, len(t.head))
	for i, name := range t.head {
		cells[i] = cell{strings.TrimSuffix(name, ">"), s.dim}
	}
	return cells
}

// line is one row. What is painted is no wider for it.
func (t *table) line(row []cell, widths []int) string {
	var line strings.Builder
	blanks := 0 // not yet written: a line ends with none
	for i, c := range row {
		left, right := 0, widths[i]-utf8.RuneCountInString(c.text)
		if strings.HasSuffix(t.head[i], ">") {
			left, right = right, left
		}
		blanks += left
		if c.text != "" {
			line.WriteString(strings.Repeat(" ", blanks) + c.painted())
			blanks = 0
		}
		blanks += right + len("  ")
	}
	return line.String()
}

func (c cell) painted() string {
	if c.paint == nil {
		return c.text
	}
	return c.paint(c.text)
}
