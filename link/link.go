package link

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// Role says which role a link serves, and how.
type Role struct {
	Subjects *codec.Subjects
	Log      string
	Self     paxos.Address

	// MaxMessage is the size in bytes of the largest message that the role may make, beside single
	// values that are larger. To a broker that takes less it is sent in parts; people are told. 0: it
	// does not matter.
	MaxMessage int

	// Doze is how many ticks the role may be given together, all but one of them late, while nothing
	// arrives. 0: each by itself.
	Doze int

	// Admit judges a proposal before the role hears of it: of a client library that has been decoded, of
	// a plain request nil. It returns what the role is given, or nil for nothing. It is called from the
	// callbacks of nats.go, several at a time. Only proposers have it.
	Admit func(l *Link, msg *nats.Msg, library *paxos.Propose) *paxos.Propose
	// Overflow is told of each proposal that was admitted and is dropped, since too many wait. It is called
	// from the same callbacks; nil: nobody is told.
	Overflow func(l *Link, proposal *paxos.Propose)
}

// Link is one role's connection.
type Link struct {
	role   Role
	conn   *nats.Conn
	events *events
	inbox  *Queue[paxos.Message]
	counts counters
}

// The classes of the inbox.
const (
	control = iota
	proposals
)

// proposalsAtOnce is how many bytes of proposals a role takes in with the messages of the protocol that wait,
// so that a flood of proposals does not keep it from these, nor from its ticks, for more than some milliseconds.
const proposalsAtOnce = 1 << 20

// Open begins to connect a role, and to listen for it. It does not wait for a broker, and fails only
// where the options can never work.
func Open(options Options, role Role) (*Link, error) {
	options = options.orDefault()
	logger := options.Logger
	servers := redacted(options.URL)
	events := newEvents(logger, servers, role.MaxMessage)
	name := connectionName(role.Log, role.Self)
	conn, err := nats.Connect(options.URL, options.natsOptions(name, events)...)
	if err != nil {
		return nil, fmt.Errorf("connecting to NATS at %s: %w", servers, err)
	}
	l := &Link{
		role:   role,
		conn:   conn,
		events: events,
		inbox:  NewQueue[paxos.Message](options.ControlBytes, options.ProposalBytes),
	}
	l.inbox.Limit(proposals, proposalsAtOnce)
	if !conn.IsConnected() {
		logger.Warn("NATS does not answer yet; trying until it does", "servers", servers)
	}
	for _, subject := range role.Subjects.Subscriptions(role.Self) {
		if err := l.subscribe(subject, options); err != nil {
			l.Close()
			return nil, fmt.Errorf("listening to %s: %w", subject, err)
		}
	}
	return l, nil
}

// leastPending is what a message that nats.go holds weighs at least, in bytes, whatever it carries.
const leastPending = 256

// subscribe has what arrives on a subject put into the inbox. What nats.go holds before the callback
// sees it is bounded too: by the bytes of the inbox, whatever their number.
func (l *Link) subscribe(subject string, options Options) error {
	class, most := control, options.ControlBytes
	if l.role.isForProposals(subject) {
		class, most = proposals, options.ProposalBytes
	}
	subscription, err := l.conn.Subscribe(subject, func(msg *nats.Msg) { l.receive(class, msg) })
	if err != nil {
		return err
	}
	return subscription.SetPendingLimits(max(most/leastPending, 1024), most)
}

// Conn is the connection, for what is not part of the protocol: a service, an answer. Its handlers are
// set; whoever sets others must call these.
func (l *Link) Conn() *nats.Conn { return l.conn }

// MaxPayload is the largest message that the broker takes, in bytes; where none was connected to yet,
// the default of brokers.
func (l *Link) MaxPayload() int64 {
	if most := l.events.maxPayload.Load(); most > 0 {
		return most
	}
	return defaultMaxPayload
}

// defaultMaxPayload is what a broker takes that is not told otherwise.
const defaultMaxPayload = 1 << 20

// Close sends what waits to be sent, for at most two seconds, and ends the connection.
func (l *Link) Close() {
	l.events.closing.Store(true)
	if l.conn.IsConnected() {
		ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
		defer cancel()
		_ = l.conn.FlushWithContext(ctx) // what is lost now is as good as lost on the way
	}
	l.conn.Close()
	select {
	case <-l.events.closed:
	case <-time.After(closeWithin): // a handler of the caller's may hang
	}
}
