package codec

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

func TestEveryKindDecodesToWhatWasEncoded(t *testing.T) {
	for _, s := range samples() {
		got, tag, err := s.decode(s.append(nil))
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		want := sample{body: s.body, record: s.record, outcomes: s.outcomes}
		if !reflect.DeepEqual(got, want) || tag != sampleTag {
			t.Errorf("%s: got %+v, want %+v", s.name, got, want)
		}
	}
}

func TestTheLibraryWritesTheSameBytes(t *testing.T) {
	for _, s := range samples() {
		got, want := s.append(nil), libraryBytes(t, s.tree)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%x, the library writes\n%x", s.name, got, want)
		}
	}
}

func TestTheLibraryReadsTheSameFields(t *testing.T) {
	for _, s := range samples() {
		if got := libraryTree(t, s.append(nil)); !reflect.DeepEqual(got, any(s.tree)) {
			t.Errorf("%s: the library reads\n%s, want\n%s", s.name, notation(got), notation(s.tree))
		}
	}
}

func TestEncodingAppends(t *testing.T) {
	for _, s := range samples() {
		got := s.append([]byte("before"))
		if want := append([]byte("before"), s.append(nil)...); !bytes.Equal(got, want) {
			t.Errorf("%s: got %x, want %x", s.name, got, want)
		}
	}
}

// libraryBytes is what the library makes of a tree.
func libraryBytes(t *testing.T, want any) []byte {
	t.Helper()
	var buffer bytes.Buffer
	encoder := msgpack.NewEncoder(&buffer)
	encoder.UseCompactInts(true)
	if err := encoder.Encode(want); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// libraryTree is what the library reads in bytes, its many types of integer made one. It must never see
// bytes that our own decoder has not let pass.
func libraryTree(t *testing.T, data []byte) any {
	t.Helper()
	reader := bytes.NewReader(data)
	read, err := msgpack.NewDecoder(reader).DecodeInterface()
	if err != nil {
		t.Fatalf("the library cannot read %x: %v", data, err)
	}
	if reader.Len() > 0 {
		t.Fatalf("the library leaves %d bytes of %x", reader.Len(), data)
	}
	return normal(read)
}

func normal(read any) any {
	switch n := read.(type) {
	case int8:
		return uint64(n)
	case uint8:
		return uint64(n)
	case uint16:
		return uint64(n)
	case uint32:
		return uint64(n)
	case []any:
		for i := range n {
			n[i] = normal(n[i])
		}
	}
	return read
}

// notation writes a tree as people read it: byte strings in hex.
func notation(t any) string {
	switch n := t.(type) {
	case []any:
		elements := make([]string, len(n))
		for i := range n {
			elements[i] = notation(n[i])
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case []byte:
		return fmt.Sprintf("h'%x'", n)
	case string:
		return fmt.Sprintf("%q", n)
	}
	return fmt.Sprint(t)
}
