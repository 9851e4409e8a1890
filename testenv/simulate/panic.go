package simulate

import (
	"runtime/debug"
	"strings"
)

// onPanic calls a panic of a role a violation, so that it is shrunk like any other.
func (w *World) onPanic() {
	if reason := recover(); reason != nil {
		w.violated("panic", "%v, in %s", reason, framesOf("synod/paxos."))
	}
}

// framesOf returns the places in the package named that a panic went through, the innermost first.
func framesOf(name string) string {
	var frames []string
	lines := strings.Split(string(debug.Stack()), "\n")
	for i := 1; i < len(lines); i++ {
		if strings.Contains(lines[i-1], name) {
			file := strings.Fields(lines[i])[0]
			frames = append(frames, file[strings.LastIndexByte(file, '/')+1:])
		}
	}
	return strings.Join(frames, ", ")
}
