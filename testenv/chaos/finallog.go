package chaos

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// logFile is where the log in the end is printed to.
func (r *runner) logFile() string { return r.path("log.json") }

// readLog prints the whole log with the command that promises its end, and reads it.
func (r *runner) readLog(e *ending) error {
	out, err := os.Create(r.logFile())
	if err != nil {
		return err
	}
	defer out.Close()
	var talk strings.Builder
	command := exec.Command(r.Synod, "log", "--timeout", "30s", "-s", strings.Join(r.cluster.urls, ","))
	command.Stdout, command.Stderr = out, &talk
	if err := command.Run(); err != nil {
		return fmt.Errorf("synod log: %w: %s", err, talk.String())
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	at, lines := int64(0), bufio.NewReader(out)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return err
		}
		if want := uint64(len(e.log)) + 1; l.Slot != want {
			r.fault("the log has slot %d where slot %d is due", l.Slot, want)
		}
		e.offsets = append(e.offsets, at)
		e.log = append(e.log, Slot{Key: keyOf(l.Value), IsNoop: l.Noop, Sum: sumOf(l.Value, l.Noop)})
		at += int64(len(text))
	}
}
