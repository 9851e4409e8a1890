package worker

import (
	"crypto/rand"
	"log/slog"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// Options are what every role needs. Log and ID are required; everything else has a default.
type Options struct {
	Conn   link.Options
	Prefix string // first token of all subjects; "" is "synod"
	Log    string
	ID     string
	Timing paxos.Timing
	Limits paxos.Limits
	Logger *slog.Logger // nil is slog.Default()
}

// complete fills what is left open, for one role, and checks the names.
func (o Options) complete(role paxos.RoleKind) (Options, *codec.Subjects, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Logger = o.Logger.With("log", o.Log, "role", link.RoleName(role), "id", o.ID)
	if o.Conn.Logger == nil {
		o.Conn.Logger = o.Logger
	}
	if err := codec.CheckID(o.ID); err != nil {
		return o, nil, err
	}
	subjects, err := codec.NewSubjects(o.Prefix, o.Log)
	return o, subjects, err
}

// messageReserve is what a message takes beside the values it is bounded by, in bytes, at most.
const messageReserve = 8 << 10

// maxMessage is the largest message of several values that a role with these limits makes. The link sends
// it in parts where the broker takes less.
func (o Options) maxMessage() int {
	limits := o.limits()
	return max(limits.Page, limits.Run) + messageReserve
}

// limits are the limits with their defaults.
func (o Options) limits() paxos.Limits {
	limits, defaults := o.Limits, paxos.DefaultLimits()
	if limits.Page == 0 {
		limits.Page = defaults.Page
	}
	if limits.Run == 0 {
		limits.Run = defaults.Run
	}
	return limits
}

// newNonce draws what tells this start of a process from another.
func newNonce() (nonce paxos.Nonce) {
	rand.Read(nonce[:]) // never fails
	return nonce
}
