package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/synod-log/synod/testenv/process"
)

// logFile is where the log in the end is printed to.
func (r *runner) logFile() string { return r.path(logName) }

// printLog prints the whole log with the command that promises its end.
func (r *runner) printLog() error {
	out, err := os.Create(r.logFile())
	if err != nil {
		return err
	}
	defer out.Close()
	var talk strings.Builder
	command := process.Command(context.Background(), r.Synod, "log", "--timeout", "30s", "-s", strings.Join(r.cluster.urls, ","))
	command.Stdout, command.Stderr = out, &talk
	if err := command.Run(); err != nil {
		return fmt.Errorf("synod log: %w: %s", err, talk.String())
	}
	return out.Close()
}

// readLog reads a log as it was printed, and where each slot's line begins. A hole in it is an error.
func readLog(name string) (log []Slot, offsets []int64, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	at, lines := int64(0), bufio.NewReader(file)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return log, offsets, nil
		}
		if err != nil {
			return nil, nil, err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, nil, fmt.Errorf("the log has the line %.200q: %w", text, err)
		}
		if want := uint64(len(log)) + 1; l.Slot != want {
			return nil, nil, fmt.Errorf("the log has slot %d where slot %d is due", l.Slot, want)
		}
		log = append(log, Slot{Key: keyOf(l.Value), IsNoop: l.Noop, Sum: sumOf(l.Value, l.Noop)})
		offsets = append(offsets, at)
		at += int64(len(text))
	}
}
