package report

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Sizes of a plot, in pixels.
const (
	plotWidth, plotHeight       = 760, 440
	marginLeft, marginRight     = 90, 190
	marginTop, marginBottom     = 40, 60
	areaWidth                   = plotWidth - marginLeft - marginRight
	areaHeight                  = plotHeight - marginTop - marginBottom
	legendLine              int = 18
)

// colours tell lines apart, also for those who see few colours.
var colours = []string{"#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#666666"}

// plot is lines over two logarithmic axes.
type plot struct {
	file, title, x, y string
	lines             []line
}

type line struct {
	name   string
	points []point
}

type point struct {
	x, y float64
	note string // shown when pointed at
}

func (p plot) isEmpty() bool { return len(p.lines) == 0 }

// axis maps whole powers of ten onto pixels.
type axis struct {
	low, high  float64 // exponents
	start, end float64 // pixels
}

func newAxis(values []float64, start, end float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, math.Floor(math.Log10(v))), max(high, math.Ceil(math.Log10(v)))
	}
	if low == high {
		high++
	}
	return axis{low, high, start, end}
}

func (a axis) at(v float64) float64 {
	return a.start + (math.Log10(v)-a.low)/(a.high-a.low)*(a.end-a.start)
}

// svg draws the plot.
func (p plot) svg() string {
	var xs, ys []float64
	for _, l := range p.lines {
		for _, at := range l.points {
			xs, ys = append(xs, at.x), append(ys, at.y)
		}
	}
	x := newAxis(xs, marginLeft, marginLeft+areaWidth)
	y := newAxis(ys, marginTop+areaHeight, marginTop)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n",
		plotWidth, plotHeight)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", plotWidth, plotHeight)
	text(&b, marginLeft, marginTop-16, "start", p.title)
	text(&b, marginLeft+areaWidth/2, plotHeight-16, "middle", p.x)
	fmt.Fprintf(&b, `<text x="18" y="%d" text-anchor="middle" transform="rotate(-90 18 %d)">%s</text>`+"\n",
		marginTop+areaHeight/2, marginTop+areaHeight/2, html.EscapeString(p.y))
	grid(&b, x, y)
	for i, l := range p.lines {
		drawLine(&b, x, y, l, i)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func grid(b *strings.Builder, x, y axis) {
	for e := x.low; e <= x.high; e++ {
		at := x.at(math.Pow(10, e))
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/>`+"\n",
			at, marginTop, at, marginTop+areaHeight)
		text(b, at, marginTop+areaHeight+18, "middle", number(math.Pow(10, e)))
	}
	for e := y.low; e <= y.high; e++ {
		at := y.at(math.Pow(10, e))
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#ddd"/>`+"\n",
			marginLeft, at, marginLeft+areaWidth, at)
		text(b, marginLeft-8, at+4, "end", number(math.Pow(10, e)))
	}
}

func drawLine(b *strings.Builder, x, y axis, l line, index int) {
	colour := colours[index%len(colours)]
	var path []string
	for _, at := range l.points {
		path = append(path, fmt.Sprintf("%.1f,%.1f", x.at(at.x), y.at(at.y)))
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n",
		strings.Join(path, " "), colour)
	for _, at := range l.points {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"><title>%s</title></circle>`+"\n",
			x.at(at.x), y.at(at.y), colour, html.EscapeString(l.name+", "+at.note))
	}
	top := marginTop + legendLine*index
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="12" height="4" fill="%s"/>`+"\n",
		plotWidth-marginRight+16, top+4, colour)
	text(b, plotWidth-marginRight+34, float64(top+10), "start", l.name)
}

func text(b *strings.Builder, x, y float64, anchor, words string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, html.EscapeString(words))
}
