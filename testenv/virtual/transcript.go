package virtual

import (
	"log/slog"
	"strings"
	"sync"
)

// transcript is what everybody logged: counts of it all, and the last lines.
type transcript struct {
	mutex  sync.Mutex
	counts map[string]int // of lines, by the words asked for: see listen
	errors []string       // lines of level ERROR, no more than keptErrors
	last   []string       // the last lines, of which the oldest is at begin
	begin  int
}

const (
	keptLines  = 400
	keptErrors = 1000
)

func (s *transcript) logger() *slog.Logger { return slog.New(slog.NewTextHandler(s, nil)) }

// Write takes one line.
func (s *transcript) Write(data []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	line := strings.TrimSpace(string(data))
	for words := range s.counts {
		if strings.Contains(line, words) {
			s.counts[words]++
		}
	}
	if strings.Contains(line, "level=ERROR") && len(s.errors) < keptErrors {
		s.errors = append(s.errors, line)
	}
	if len(s.last) < keptLines {
		s.last = append(s.last, line)
		return len(data), nil
	}
	s.last[s.begin] = line
	s.begin = (s.begin + 1) % keptLines
	return len(data), nil
}

// listen has lines with these words counted from now on.
func (s *transcript) listen(words ...string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.counts == nil {
		s.counts = make(map[string]int)
	}
	for _, w := range words {
		s.counts[w] = 0
	}
}

// said is how many lines had these words since listen.
func (s *transcript) said(words string) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.counts[words]
}

// unexpected are the lines of level ERROR that contain none of the words.
func (s *transcript) unexpected(expected []string) []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var lines []string
next:
	for _, line := range s.errors {
		for _, words := range expected {
			if strings.Contains(line, words) {
				continue next
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// String is the last lines.
func (s *transcript) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.Join(append(append([]string(nil), s.last[s.begin:]...), s.last[:s.begin]...), "\n")
}
