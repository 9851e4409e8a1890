package member

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

func TestValuesAreReadAsTheyWereWritten(t *testing.T) {
	var wire bytes.Buffer
	writer := bufio.NewWriter(&wire)
	want := []string{"one", "", strings.Repeat("x", 100_000)}
	for _, value := range want {
		if err := WriteValue(writer, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	writer.Flush()
	reader := bufio.NewReader(&wire)
	for _, value := range want {
		got, err := ReadValue(reader)
		if err != nil || string(got) != value {
			t.Errorf("got %d bytes (%v), want %d", len(got), err, len(value))
		}
	}
	if _, err := ReadValue(reader); err == nil {
		t.Error("a value was read that nobody wrote")
	}
}

func TestAValueThatIsTooLargeOrCutShortIsRefused(t *testing.T) {
	for _, wire := range []string{"\xff\xff\xff\xff", "\x00\x00\x00\x05abc", "\x00\x00"} {
		if value, err := ReadValue(bufio.NewReader(strings.NewReader(wire))); err == nil {
			t.Errorf("%q is read as %q", wire, value)
		}
	}
}
