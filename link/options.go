package link

import (
	"cmp"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/paxos"
)

// Options say how a role reaches NATS. The zero value reaches a broker on this machine.
type Options struct {
	// URL is where the brokers are: one or more addresses, separated by commas.
	URL string
	// NATS are further options of the connection: credentials, certificates, an in-process server.
	// Those that a link depends on are set after them, and win.
	NATS []nats.Option

	// ControlBytes bounds the protocol's messages that wait; 0 is 64 MiB.
	ControlBytes int
	// ProposalBytes bounds the clients' proposals that wait; 0 is 32 MiB.
	ProposalBytes int

	// Logger is told what becomes of the connection; nil is slog.Default().
	Logger *slog.Logger
}

// What an Options' zero fields stand for.
const (
	defaultControlBytes  = 64 << 20
	defaultProposalBytes = 32 << 20
)

func (o Options) orDefault() Options {
	o.URL = cmp.Or(o.URL, nats.DefaultURL)
	o.ControlBytes = cmp.Or(o.ControlBytes, defaultControlBytes)
	o.ProposalBytes = cmp.Or(o.ProposalBytes, defaultProposalBytes)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

const (
	// pingEvery and two pings unanswered find a dead connection within six seconds.
	pingEvery = 2 * time.Second
	// flushWithin bounds how long a broker that does not read can hold a send.
	flushWithin = 2 * time.Second
	// closeWithin bounds how long Close waits for the broker to take what was sent.
	closeWithin = 2 * time.Second

	firstReconnectWait   = 50 * time.Millisecond
	longestReconnectWait = 2 * time.Second
)

// natsOptions are the caller's options, and then those that a link depends on.
func (o Options) natsOptions(name string, events *events) []nats.Option {
	return append(append([]nats.Option(nil), o.NATS...),
		direct,
		nats.Name(name),
		nats.NoEcho(),
		// A message that could not leave must fail now, not arrive when it is stale.
		nats.ReconnectBufSize(-1),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		// Credentials may be renewed, a broker's accounts reloaded: keep asking, and say so.
		nats.IgnoreAuthErrorAbort(),
		nats.CustomReconnectDelay(reconnectWait),
		nats.PingInterval(pingEvery),
		nats.MaxPingsOutstanding(2),
		nats.FlusherTimeout(flushWithin),
		nats.PermissionErrOnSubscribe(true),
		nats.ConnectHandler(events.onConnected),
		nats.ReconnectHandler(events.onReconnected),
		nats.DisconnectErrHandler(events.onDisconnected),
		nats.ReconnectErrHandler(events.onRefused),
		nats.LameDuckModeHandler(events.onLameDuck),
		nats.ErrorHandler(events.onError),
		nats.ClosedHandler(events.onClosed),
	)
}

// reconnectWait is how long to wait once every address was tried so many times in vain: 50 ms at
// first, doubled up to 2 s, and up to as much again at random, so that a broker that comes back does
// not meet everybody at once.
func reconnectWait(tries int) time.Duration {
	wait := longestReconnectWait
	if tries < 6 {
		wait = min(firstReconnectWait<<max(tries-1, 0), longestReconnectWait)
	}
	return wait + rand.N(wait)
}

// connectionName is what the broker's monitoring shows: "synod-acceptor main a1".
func connectionName(log string, self paxos.Address) string {
	return "synod-" + RoleName(self.Role) + " " + log + " " + self.ID
}

// RoleName is the word for a role: "acceptor".
func RoleName(role paxos.RoleKind) string {
	switch role {
	case paxos.RoleProposer:
		return "proposer"
	case paxos.RoleAcceptor:
		return "acceptor"
	case paxos.RoleLearner:
		return "learner"
	case paxos.RoleClient:
		return "client"
	}
	return string(role)
}

// redacted is a list of addresses without the passwords and tokens in them.
func redacted(list string) string {
	addresses := strings.Split(list, ",")
	for i, address := range addresses {
		parsed, err := url.Parse(strings.TrimSpace(address))
		switch {
		case err != nil:
			addresses[i] = "(an address that cannot be read)"
		case parsed.User != nil:
			parsed.User = url.User("xxxxx")
			addresses[i] = parsed.String()
		}
	}
	return strings.Join(addresses, ",")
}
