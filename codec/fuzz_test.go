package codec

import (
	"bytes"
	"errors"
	"reflect"
	"runtime"
	"testing"

	"github.com/synod-log/synod/paxos"
)

func FuzzDecodeMessage(f *testing.F) {
	fuzzDecode(f, sample{body: &paxos.Stop{}}, 8)
}

func FuzzDecodeRecord(f *testing.F) {
	fuzzDecode(f, sample{record: &paxos.FreeRecord{}}, 8)
}

func FuzzDecodeOutcomes(f *testing.F) {
	fuzzDecode(f, sample{outcomes: []paxos.Outcome{{}}}, 12)
}

// fuzzDecode checks what holds for all bytes, given to the decoder of one sort: nothing panics, what is
// allocated is bounded, a refusal says where, and what is accepted is the one encoding of what the
// library reads in it. Fuzz with -fuzzminimizetime=10x: what the runtime does beside makes inputs look
// interesting, and to make those smaller is in vain.
func fuzzDecode(f *testing.F, sort sample, factor uint64) {
	for _, s := range samples() {
		f.Add(s.append(nil))
	}
	for _, hostile := range hostileLists(40) {
		f.Add(hostile.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkDecode(t, sort, data, factor)
	})
}

func checkDecode(t *testing.T, sort sample, data []byte, factor uint64) {
	t.Helper()
	input := bytes.Clone(data)
	decoded, tag, err := sort.decode(data)
	checkAllocates(t, boundFor(data, factor), func() { _, _, _ = sort.decode(data) })
	if !bytes.Equal(data, input) {
		t.Fatal("the input was written to")
	}
	if err != nil {
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Reason == "" || refusal.Offset > len(data) {
			t.Errorf("no reason, or no place in %d bytes: %#v", len(data), err)
		}
		return
	}
	again := decoded.appendTagged(nil, tag)
	if !bytes.Equal(again, data) {
		t.Errorf("got %x, want %x", again, data)
	}
	read := libraryTree(t, data)
	if want := any(decoded.fields(tag)); !reflect.DeepEqual(read, want) {
		t.Errorf("the library reads\n%s\nwe read\n%s", notation(read), notation(want))
	}
}

// boundFor is what decoding may allocate. The constant is for the body itself, an error, and the
// allocator's rounding up.
func boundFor(data []byte, factor uint64) uint64 { return factor*uint64(len(data)) + 4<<10 }

// checkAllocates checks that do allocates at most so many bytes, in the best of a few attempts: the rest
// of the process allocates too.
func checkAllocates(t *testing.T, most uint64, do func()) {
	t.Helper()
	var got uint64
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		if got = after.TotalAlloc - before.TotalAlloc; got <= most {
			return
		}
	}
	t.Errorf("it allocates %d bytes, more than %d", got, most)
}
