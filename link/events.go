package link

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// events tells people what becomes of a connection: one line for what matters, with what to do.
type events struct {
	logger     *slog.Logger
	servers    string // where brokers are looked for, without passwords
	maxMessage int    // what a message of this role may need, in bytes
	closed     chan struct{}
	closing    atomic.Bool
	maxPayload atomic.Int64  // of the broker connected to last; 0: none was
	slow       atomic.Uint64 // times that nats.go dropped messages before we saw them

	refusals throttle
	denials  throttle
	denied   denied
	oversize throttle
}

func newEvents(logger *slog.Logger, servers string, maxMessage int) *events {
	return &events{logger: logger, servers: servers, maxMessage: maxMessage, closed: make(chan struct{})}
}

func (e *events) onConnected(conn *nats.Conn) {
	e.logger.Info("connected to NATS", "server", conn.ConnectedUrlRedacted(),
		"version", conn.ConnectedServerVersion())
	e.checkBroker(conn)
}

func (e *events) onReconnected(conn *nats.Conn) {
	e.logger.Info("connected to NATS again", "server", conn.ConnectedUrlRedacted(),
		"version", conn.ConnectedServerVersion())
	e.checkBroker(conn)
}

func (e *events) onDisconnected(_ *nats.Conn, err error) {
	if e.closing.Load() {
		return
	}
	e.logger.Warn("lost the connection to NATS; trying to connect until it is back",
		"error", errorText(err))
}

// onRefused is told of each attempt to connect again that failed.
func (e *events) onRefused(_ *nats.Conn, err error) {
	if e.closing.Load() || !e.refusals.allows(10*time.Second) {
		return
	}
	level, advice := slog.LevelWarn, "start it, or correct the address; trying until it answers"
	if isRefusal(err) || errors.Is(err, nats.ErrAuthExpired) {
		level, advice = slog.LevelError, "give this worker credentials that the broker knows; trying on"
	}
	e.logger.Log(context.Background(), level, "NATS cannot be reached: "+advice,
		"servers", e.servers, "error", errorText(err))
}

// isRefusal reports whether a broker does not let this worker in. Credentials that expire while they are in
// use are no refusal yet: fresh ones may be there.
func isRefusal(err error) bool {
	return errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthRevoked) ||
		errors.Is(err, nats.ErrAccountAuthExpired)
}

func (e *events) onLameDuck(*nats.Conn) {
	e.logger.Info("the broker is about to shut down; moving to another when it does")
}

func (e *events) onError(conn *nats.Conn, sub *nats.Subscription, err error) {
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	switch {
	case errors.Is(err, nats.ErrPermissionViolation):
		if e.denials.allows(time.Second) {
			e.logger.Error("the broker denies this worker something it needs: allow it to the worker's user "+
				"(`synod auth` prints what each role needs)", "error", errorText(err))
		}
		e.denied.watch(conn, err, e.closed)
	case isRefusal(err): // of credentials, by a broker that it was connected to before
		e.onRefused(conn, err)
	case errors.Is(err, nats.ErrSlowConsumer):
		e.slow.Add(1)
		e.logger.Warn("messages came faster than they could be read, and some were dropped: "+
			"the protocol repairs it; if it goes on, this machine is too slow", "subject", subject)
	default:
		e.logger.Warn("NATS reports an error", "error", errorText(err), "subject", subject)
	}
}

// onTooLarge is told of a message that the broker would not take.
func (e *events) onTooLarge(subject string, most int64) {
	if e.oversize.allows(time.Second) {
		e.logger.Error("a message is larger than the broker takes, and was not sent: raise the broker's "+
			"max_payload to what it was, or higher", "subject", subject, "max_payload", most)
	}
}

func (e *events) onClosed(*nats.Conn) { close(e.closed) }

func errorText(err error) string {
	if err == nil {
		return "the broker closed the connection"
	}
	return err.Error()
}

// throttle keeps a fault that repeats from filling the log.
type throttle struct {
	mutex sync.Mutex
	last  time.Time
}

// allows reports whether the last time that it did is at least so long ago.
func (t *throttle) allows(interval time.Duration) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	now := time.Now()
	if !t.last.IsZero() && now.Sub(t.last) < interval {
		return false
	}
	t.last = now
	return true
}
