package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// grouped is a number with its thousands apart: 1,234,567.
func grouped[N int | int64 | uint64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// numberText is a number with its thousands apart, and what is behind its point where there is something.
func numberText(n float64) string {
	if whole := int64(n); float64(whole) == n {
		return grouped(whole)
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

// countOf is "1 client", "16 clients".
func countOf[N int | int64 | uint64](n N, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// rateText is values and bytes a second, as far as they can be told of a time.
func rateText(values int64, bytes int64, took time.Duration) string {
	return fmt.Sprintf("%s values/s   %s MB/s", grouped(int64(math.Round(perSecond(values, took)))),
		threeDigits(perSecond(bytes, took)/1e6))
}

// perSecond is 0 of no time.
func perSecond(n int64, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}

// tookText is a time to three digits: 812 µs, 1.24 ms, 12.4 s.
func tookText(took time.Duration) string {
	switch {
	case took == 0:
		return "0 s"
	case took < 999500*time.Nanosecond:
		return threeDigits(float64(took)/float64(time.Microsecond)) + " µs"
	case took < 999500*time.Microsecond:
		return threeDigits(float64(took)/float64(time.Millisecond)) + " ms"
	}
	return threeDigits(took.Seconds()) + " s"
}

// threeDigits writes a number of at least 0 to three digits, and all digits before the point.
func threeDigits(n float64) string {
	switch {
	case n >= 99.95:
		return grouped(int64(n + 0.5))
	case n >= 9.995:
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return strconv.FormatFloat(n, 'f', 2, 64)
}

// byteSize is a flag of a number of bytes, with the units that the nats tool takes: 128B, 1KiB.
type byteSize int

// byteUnits are powers of two, as the nats tool has them, whether they are written KB or KiB.
var byteUnits = []struct {
	names []string
	bytes int
}{
	{[]string{"MIB", "MB", "M"}, 1 << 20},
	{[]string{"KIB", "KB", "K"}, 1 << 10},
	{[]string{"B", ""}, 1},
}

func (b *byteSize) Type() string { return "size" }

func (b *byteSize) String() string {
	switch n := int(*b); {
	case n > 0 && n%(1<<20) == 0:
		return grouped(n>>20) + " MiB"
	case n > 0 && n%(1<<10) == 0:
		return grouped(n>>10) + " KiB"
	default:
		return grouped(n) + " B"
	}
}

func (b *byteSize) Set(text string) error {
	upper := strings.ToUpper(strings.TrimSpace(text))
	for _, unit := range byteUnits {
		for _, name := range unit.names {
			digits, found := strings.CutSuffix(upper, name)
			n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 31)
			if found && err == nil && n <= mostValue/uint64(unit.bytes) {
				*b = byteSize(int(n) * unit.bytes)
				return nil
			}
		}
	}
	return errors.New("not a number of bytes up to 64MiB, such as 128, 128B or 1KiB")
}
