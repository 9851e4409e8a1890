package link

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// leastMaxPayload is what a broker must take, in bytes. A value has to stay 8 KiB below max_payload, and a
// hello of an acceptor with 30 others, all restarted often, has some 16 KiB.
const leastMaxPayload = 32 << 10

// checkBroker warns of a broker that this role cannot rely on.
func (e *events) checkBroker(conn *nats.Conn) {
	version := conn.ConnectedServerVersion()
	if isBelowFloor(version) {
		e.logger.Warn("the broker has known faults that let one worker's user act as another's: "+
			"upgrade it to 2.12.12, 2.14.3 or newer", "version", version)
	}
	most := conn.MaxPayload()
	e.maxPayload.Store(most)
	switch {
	case most > 0 && most < leastMaxPayload:
		e.logger.Error("the broker's max_payload leaves no room for values, and hellos may not get through: "+
			"raise it", "max_payload", most, "needed", leastMaxPayload)
	case most > 0 && most < int64(e.maxMessage):
		e.logger.Warn("the broker's max_payload is small, so that larger messages of many values travel in "+
			"parts: raise it for speed and for larger values", "max_payload", most, "needed", e.maxMessage)
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
