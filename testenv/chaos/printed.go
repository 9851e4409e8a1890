package chaos

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// checkPrinted checks that what a learner printed is the log byte for byte, from the slot it began
// at; the last start must have all of it. A start that was killed may have printed a part of a
// line.
func (r *runner) checkPrinted(p printed, e *ending, isLast bool) error {
	got, err := os.Open(p.file)
	if err != nil {
		return err
	}
	defer got.Close()
	want, err := os.Open(r.logFile())
	if err != nil {
		return err
	}
	defer want.Close()
	if p.from > uint64(len(e.offsets)) {
		if info, err := got.Stat(); err != nil || info.Size() > 0 {
			return errors.Join(err, fmt.Errorf("printed slots from %d on of a log that ends at %d",
				p.from, len(e.log)))
		}
		return nil
	}
	if _, err := want.Seek(e.offsets[p.from-1], io.SeekStart); err != nil {
		return err
	}
	gotten, wanted := bufio.NewReader(got), bufio.NewReader(want)
	for slot := p.from; ; slot++ {
		printed, err := gotten.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(printed) == 0 && isLast && slot <= uint64(len(e.log)) {
			return fmt.Errorf("ended before slot %d of %d", slot, len(e.log))
		}
		if len(printed) == 0 {
			return nil
		}
		line, wantErr := wanted.ReadBytes('\n')
		if wantErr != nil || (err == nil && !bytes.Equal(printed, line)) || !bytes.HasPrefix(line, printed) {
			return fmt.Errorf("printed %.200q where the log has %.200q", printed, line)
		}
		if err != nil && isLast {
			return fmt.Errorf("ended within slot %d", slot)
		}
	}
}

// lastPrinted is the last slot whose whole line was printed.
func lastPrinted(p printed) (uint64, error) {
	file, err := os.Open(p.file)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	slot := p.from - 1
	for lines := bufio.NewReader(file); ; slot++ {
		if _, err := lines.ReadBytes('\n'); err != nil {
			return slot, nil
		}
	}
}
