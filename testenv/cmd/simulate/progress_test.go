package main

import (
	"strings"
	"testing"
	"time"

	"github.com/synod-log/synod/testenv/simulate"
)

func TestDigitsStandInThrees(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}

func TestTheTimeLeftIsThatOfWhatEndsFirst(t *testing.T) {
	for _, c := range []struct {
		progress progress
		want     string
	}{
		{progress{}, ""},
		{progress{seeds: 400}, ", 30s left"},
		{progress{duration: time.Minute}, ", 50s left"},
		{progress{seeds: 400, duration: time.Minute}, ", 30s left"},
		{progress{seeds: 400, duration: 15 * time.Second}, ", 5s left"},
	} {
		if got := c.progress.left(100, 10*time.Second); got != c.want {
			t.Errorf("%+v: %q, want %q", c.progress, got, c.want)
		}
	}
}

func TestTheTableNamesEveryFault(t *testing.T) {
	var faults simulate.Faults
	faults[simulate.TornSave] = 1500
	var text strings.Builder
	printFaults(&text, &faults, 1000)
	if got := text.String(); strings.Count(got, "\n") != len(faults)+2 ||
		!strings.Contains(got, "saves torn by a crash") || !strings.Contains(got, "1,500       1.500") {
		t.Errorf("the table is\n%s", got)
	}
}
