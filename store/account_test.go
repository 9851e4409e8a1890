package store_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// class is what a store with a fault came to.
type class string

const (
	exact     class = "exact"                           // it has every record that was given to Save
	discarded class = "an unacknowledged end discarded" // it has every acknowledged one, but not all
	refused   class = "refused"                         // it does not open, or does not read, and says why
	forgotten class = "an acknowledged end forgotten"   // what must not be, but where a test says so
)

// account counts the points at which a kind of fault was tried, and what each of them came to.
type account struct {
	kind     string
	points   int
	outcomes map[class]int
}

func newAccount(kind string) *account { return &account{kind: kind, outcomes: map[class]int{}} }

// begin counts a point, before it is tried.
func (a *account) begin() { a.points++ }

// end counts what the point came to.
func (a *account) end(outcome class) { a.outcomes[outcome]++ }

// close prints the figures, and checks that every point is accounted for: all of these classes
// occurred, and no others.
func (a *account) close(t *testing.T, want ...class) {
	t.Helper()
	var parts []string
	sum := 0
	for _, c := range []class{exact, discarded, refused, forgotten} {
		if n := a.outcomes[c]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
			sum += n
		}
		if occurs := a.outcomes[c] > 0; occurs != slices.Contains(want, c) {
			t.Errorf("%s: %d points are %s", a.kind, a.outcomes[c], c)
		}
	}
	t.Logf("%s: %d points = %s", a.kind, a.points, strings.Join(parts, " + "))
	if a.points == 0 || sum != a.points {
		t.Errorf("%s: %d points were tried, and %d accounted for", a.kind, a.points, sum)
	}
}

// isLong reports whether there is time for every combination, and not for every fault alone.
func isLong() bool { return os.Getenv("SYNOD_LONG") != "" }

// every is a step through points: 1 where every one is tried.
func every(step int) int {
	switch {
	case isLong():
		return 1
	case testing.Short():
		return 2*step + 1
	}
	return step
}
