package simulate

import (
	"os"
	"runtime"
	"testing"
)

// seeds is how many worlds the tests run.
func seeds() uint64 {
	if os.Getenv("SYNOD_LONG") != "" {
		return 200_000
	}
	return 3_000
}

func TestNoSeedBreaksARule(t *testing.T) {
	c := Campaign{Seeds: seeds(), Workers: runtime.GOMAXPROCS(0), Most: 3}
	result := c.Run()
	t.Logf("%d worlds", result.Done)
	for _, failure := range result.Failures {
		small := failure.Shrink()
		t.Errorf("seed %d: %v\n%s", failure.Seed, small.Violation, small.Script())
	}
}

func BenchmarkSeed(b *testing.B) {
	var runner Runner
	b.ReportAllocs()
	for seed := range uint64(b.N) {
		if failure := runner.Run(seed); failure != nil {
			b.Fatalf("seed %d: %v", seed, failure.Violation)
		}
	}
}
