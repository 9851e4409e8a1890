package link

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// checkBroker warns of a broker that this role cannot rely on.
func (e *events) checkBroker(conn *nats.Conn) {
	version := conn.ConnectedServerVersion()
	if isBelowFloor(version) {
		e.logger.Warn("the broker has known faults that let one worker's user act as another's: "+
			"upgrade it to 2.12.12, 2.14.3 or newer", "version", version)
	}
	most := conn.MaxPayload()
	e.maxPayload.Store(most)
	if most > 0 && most < int64(e.maxMessage) {
		e.logger.Error("the broker's max_payload is too small for this worker, and larger messages will "+
			"be lost: raise it, or lower the limits of run and page",
			"max_payload", most, "needed", e.maxMessage)
	}
}

// isBelowFloor reports whether a broker's version lacks a fix that permissions depend on: 2.12.12 has
// them all, and so has 2.14.3; 2.13 has no release with them. A version it cannot read is not below.
func isBelowFloor(version string) bool {
	var major, minor, patch int
	if n, _ := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); n < 3 {
		return false
	}
	switch {
	case major != 2:
		return major < 2
	case minor == 12:
		return patch < 12
	case minor == 14:
		return patch < 3
	}
	return minor < 14
}
