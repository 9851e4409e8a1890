package member

import (
	"fmt"
	"os"
)

// talk writes what a broker warns of on stderr, and nothing else that it says.
type talk struct{}

func (talk) Noticef(string, ...any) {}
func (talk) Debugf(string, ...any)  {}
func (talk) Tracef(string, ...any)  {}

func (talk) Warnf(format string, values ...any)  { say("warning", format, values) }
func (talk) Errorf(format string, values ...any) { say("error", format, values) }
func (talk) Fatalf(format string, values ...any) { say("fatal", format, values) }

func say(level, format string, values []any) {
	fmt.Fprintln(os.Stderr, level+":", fmt.Sprintf(format, values...))
}
