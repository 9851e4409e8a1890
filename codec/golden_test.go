package codec

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/wire.golden anew: the wire has changed")

const goldenFile = "testdata/wire.golden"

// The file is for people and other languages too: of each sample its name, its fields, and its bytes.
func TestTheWireIsWhatItWas(t *testing.T) {
	var written strings.Builder
	for _, s := range samples() {
		fmt.Fprintf(&written, "%s\n%s\n%s\n", s.name, notation(s.tree), hexLines(s.append(nil)))
	}
	if *update {
		if err := os.WriteFile(goldenFile, []byte(written.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	wantLines := strings.Split(string(want), "\n")
	for i, line := range strings.Split(written.String(), "\n") {
		if i >= len(wantLines) || line != wantLines[i] {
			t.Fatalf("%s:%d: the wire has changed: got %q", goldenFile, i+1, line)
		}
	}
}

func TestWhatWasWrittenOnceIsStillRead(t *testing.T) {
	file, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]sample)
	for _, s := range samples() {
		known[s.name] = s
	}
	for section := range strings.SplitSeq(strings.TrimSpace(string(file)), "\n\n") {
		lines := strings.Split(section, "\n")
		s, ok := known[lines[0]]
		if !ok {
			t.Errorf("no sample %q", lines[0])
			continue
		}
		delete(known, lines[0])
		data, err := hex.DecodeString(strings.Join(lines[2:], ""))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		decoded, _, err := s.decode(data)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if again := decoded.append(nil); !bytes.Equal(again, data) {
			t.Errorf("%s: got %x, want %x", s.name, again, data)
		}
	}
	for name := range known {
		t.Errorf("%s holds no %q", goldenFile, name)
	}
}

func hexLines(data []byte) string {
	const width = 48
	var lines strings.Builder
	for len(data) > width {
		fmt.Fprintf(&lines, "%x\n", data[:width])
		data = data[width:]
	}
	fmt.Fprintf(&lines, "%x\n", data)
	return lines.String()
}
