package main

import (
	"testing"
	"time"
)

func TestNumbersHaveTheirThousandsApart(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 99_999: "99,999", 1_234_567: "1,234,567",
	} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
	for n, want := range map[float64]string{1000: "1,000", 0.5: "0.5", 2.25: "2.25"} {
		if got := numberText(n); got != want {
			t.Errorf("%v is written %s, want %s", n, got, want)
		}
	}
	if got := countOf(1, "client") + ", " + countOf(1000, "client"); got != "1 client, 1,000 clients" {
		t.Errorf("counted %s", got)
	}
}

func TestATimeHasThreeDigitsAndItsUnit(t *testing.T) {
	for took, want := range map[time.Duration]string{
		0:                         "0 s",
		1400 * time.Nanosecond:    "1.40 µs",
		812 * time.Microsecond:    "812 µs",
		999_600 * time.Nanosecond: "1.00 ms", // not 1,000 µs
		1236 * time.Microsecond:   "1.24 ms",
		9_996 * time.Microsecond:  "10.0 ms", // not 10.00
		99_960 * time.Microsecond: "100 ms",
		12345 * time.Millisecond:  "12.3 s",
		2000 * time.Second:        "2,000 s",
	} {
		if got := tookText(took); got != want {
			t.Errorf("%v is written %s, want %s", took, got, want)
		}
	}
}

func TestASizeIsReadWithTheUnitsOfTheNATSTool(t *testing.T) {
	for text, want := range map[string]struct {
		bytes   byteSize
		written string
	}{
		"0": {0, "0 B"}, "128": {128, "128 B"}, "128B": {128, "128 B"}, "1KiB": {1024, "1 KiB"},
		"2k": {2048, "2 KiB"}, "3 KB": {3072, "3 KiB"}, "64MiB": {64 << 20, "64 MiB"}, "1025": {1025, "1,025 B"},
	} {
		var got byteSize
		if err := got.Set(text); err != nil || got != want.bytes || got.String() != want.written {
			t.Errorf("%q is read as %s (%v), want %s", text, got.String(), err, want.written)
		}
	}
	for _, text := range []string{"", "B", "-1", "1.5KiB", "1XB", "65MiB", "9999999999", "1K1B"} {
		var got byteSize
		if err := got.Set(text); err == nil {
			t.Errorf("%q is read as %s, want an error", text, got.String())
		}
	}
}

func TestARateOfNoTimeIsNothing(t *testing.T) {
	if got := rateText(0, 0, 0); got != "0 values/s   0.00 MB/s" {
		t.Errorf("got %s", got)
	}
	if got := rateText(3000, 384_000, 2*time.Second); got != "1,500 values/s   0.19 MB/s" {
		t.Errorf("got %s", got)
	}
}
