package simulate

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// FuzzWorld looks for bytes that make a world break a rule. What it finds is shrunk to a script; keep that under
// testdata/found, and the bytes where the fuzzer put them.
func FuzzWorld(f *testing.F) {
	for _, seed := range fuzzSeeds(f) {
		f.Add(seed)
	}
	var world World
	f.Fuzz(func(t *testing.T, bytes []byte) {
		setup, ops := fuzzed(bytes)
		if v := world.replay(setup, ops); v != nil {
			small := (&Failure{Setup: setup, Ops: ops, Violation: v}).Shrink()
			t.Errorf("%v\n%s", small.Violation, small.Script())
		}
	})
}

// fuzzSeeds are runs worth beginning from: what was found before, and a few seeds of the simulator, said in bytes.
func fuzzSeeds(t testing.TB) (seeds [][]byte) {
	scripts, err := filepath.Glob("testdata/found/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		setup, ops, err := ParseScript(string(text))
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, toBytes(setup, ops))
	}
	var runner Runner
	for seed := range uint64(8) {
		runner.Run(seed)
		seeds = append(seeds, toBytes(runner.Last()))
	}
	return seeds
}

// toBytes says a run in bytes, as nearly as bytes can: what they cannot say is left out.
func toBytes(setup Setup, ops []Operation) []byte {
	bytes := []byte{[]byte{0, 4, 12}[min(setup.Proposers, 3)-1], byte(setup.Run-1)&3 | byte(setup.Flight-1)&7<<2}
	if setup.Echo {
		bytes[0] |= 16
	}
	if setup.Founding {
		bytes[0] |= 32
	}
	near, _ := fuzzedSetup(bytes)
	for _, op := range ops {
		if what := slices.Index(fuzzedVerbs[:], op.Verb); what >= 0 {
			whom, how := detailsOf(near, op)
			bytes = append(bytes, byte(what), whom, how)
		}
	}
	return bytes
}

// detailsOf is what fuzzedOperation turns into an operation of this kind, of these workers.
func detailsOf(s Setup, op Operation) (whom, how byte) {
	number := func(id ID) byte {
		for n := range byte(16) {
			if fuzzedWorker(s, n) == id {
				return n
			}
		}
		return 0
	}
	switch op.Verb {
	case Deliver, Drop, Repeat:
		how = 4 | byte(op.Pick.Kind)<<3
		if op.Pick.Nth > 0 {
			how = byte(op.Pick.Nth-1) & 3
		}
		return number(op.Pick.To) | number(op.Pick.From)<<4, how
	case Batch, Cut:
		return number(op.Pick.To) | number(op.Pick.From)<<4, 0
	case Propose:
		return 0, byte(len(op.Args)-1) & 3
	}
	return number(op.Who), byte(max(op.N, 1)-1) & 15
}

func TestAnyBytesAreARunThatReadsAsItIsPrinted(t *testing.T) {
	bytes := []byte("any bytes at all are a run, whatever they were meant to say")
	for n := range bytes {
		setup, ops := fuzzed(bytes[:n])
		again, opsAgain, err := ParseScript((&Failure{Setup: setup, Ops: ops}).Script())
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if again != setup || !reflect.DeepEqual(withoutEmpty(opsAgain), withoutEmpty(ops)) {
			t.Fatalf("%d bytes are another run when they are read from their script", n)
		}
	}
}

// withoutEmpty makes slices without elements nil: scripts do not tell them apart.
func withoutEmpty(ops []Operation) []Operation {
	for i := range ops {
		if len(ops[i].Args) == 0 {
			ops[i].Args = nil
		}
	}
	return ops
}

func TestBytesMeanWhatTheyMeant(t *testing.T) {
	setup, ops := fuzzed([]byte{4, 0, 8, 0, 1, 11, 2, 2, 0, 0x30, 0, 5, 3, 3, 12, 2, 0, 99})
	script := (&Failure{Setup: setup, Ops: ops}).Script()
	want := `cluster acceptors=3 proposers=2 learners=1 run=1 flight=1
run 12
propose v0 v1
crash a3 unsent
deliver from=p1 to=a1 nth=1
tick p1 4
restart a3
heal
`
	if got, _, _ := strings.Cut(script, "crash a1\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAChangedByteChangesOneOperation(t *testing.T) {
	bytes := []byte{4, 0, 0, 0x30, 0, 5, 3, 3, 9, 1, 1, 0, 0x10, 2}
	_, before := fuzzed(bytes)
	bytes[6]++
	_, after := fuzzed(bytes)
	changed := 0
	for i := range before {
		if before[i].String() != after[i].String() {
			changed++
		}
	}
	if len(before) != len(after) || changed != 1 {
		t.Errorf("%d operations changed, of %d and %d", changed, len(before), len(after))
	}
}

func BenchmarkFuzzedRun(b *testing.B) {
	seeds := fuzzSeeds(b)
	var world World
	b.ReportAllocs()
	for i := range b.N {
		setup, ops := fuzzed(seeds[i%len(seeds)])
		if v := world.replay(setup, ops); v != nil {
			b.Fatal(v)
		}
	}
}
