package e2e

import (
	"os"
	"testing"

	"github.com/synod-log/synod/testenv/process"
)

func TestMain(m *testing.M) { os.Exit(process.Main(m)) }

// isLong reports whether there is time for the longer variants; CI has it.
func isLong() bool { return os.Getenv("SYNOD_LONG") != "" }

// times is how often a test does something, where there is time for it and where there is not.
func times(short, long int) int {
	if isLong() {
		return long
	}
	return short
}
