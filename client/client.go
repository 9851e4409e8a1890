package client

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/link"
)

// Options are what a client may be told. The zero value suits most.
type Options struct {
	// Prefix is the first token of all subjects; "" is "synod".
	Prefix string
	// ID is a token of the subjects that this client proposes and is answered on, so that a broker's
	// permissions can be bound to it; "" draws one. Several clients may share one.
	ID string
	// AttemptTimeout is how long one sending of a proposal waits for a word before it is sent again; 0 is
	// 3 s. A proposer that can say why nothing is acknowledged does so within two.
	AttemptTimeout time.Duration

	// Window is how many proposals may be on their way; 0 is 16,384. WindowBytes is how many bytes of
	// them; 0 is 16 MiB. Who proposes more waits for room.
	Window      int
	WindowBytes int

	// BufferBytes is how much Entries keeps of what it heard and its consumer has not taken; 0 is 16 MiB.
	// What comes beyond is read again later.
	BufferBytes int
	// Learn has Entries learn in this process what the leader says is chosen, over a connection of its own
	// that is made with these options: a hop sooner than the feed, and it needs no learner to run, but it
	// needs a learner's permissions at the broker. nil: from the feed and reads.
	Learn *link.Options
}

const (
	defaultAttemptTimeout = 3 * time.Second
	defaultWindow         = 16 << 10
	defaultWindowBytes    = 16 << 20
	defaultBufferBytes    = 16 << 20
)

// Client proposes values to one log, and reads it, over a connection that it does not own. It may be used
// by many goroutines at once.
type Client struct {
	conn     *nats.Conn
	log      string
	subjects *codec.Subjects
	options  Options
	pipeline *pipeline

	closing sync.Once
	closed  chan struct{}
}

// New returns a client of the named log. It does not wait for conn to be connected.
func New(conn *nats.Conn, log string, options Options) (*Client, error) {
	subjects, err := codec.NewSubjects(options.Prefix, log)
	if err != nil {
		return nil, err
	}
	if options.ID == "" {
		options.ID = newInstance()
	}
	if err := codec.CheckID(options.ID); err != nil {
		return nil, err
	}
	options.AttemptTimeout = cmp.Or(options.AttemptTimeout, defaultAttemptTimeout)
	options.Window = cmp.Or(options.Window, defaultWindow)
	options.WindowBytes = cmp.Or(options.WindowBytes, defaultWindowBytes)
	options.BufferBytes = cmp.Or(options.BufferBytes, defaultBufferBytes)
	c := &Client{conn: conn, log: log, subjects: subjects, options: options, closed: make(chan struct{})}
	c.pipeline = newPipeline(conn, log, subjects, options)
	return c, nil
}

// Close ends what is on its way, with ErrOutcomeUnknown, all Entries, with ErrClosed, and the client's
// subscriptions. The connection stays open. Proposals afterwards fail with ErrClosed.
func (c *Client) Close() {
	c.closing.Do(func() { close(c.closed) })
	c.pipeline.close()
}

// newInstance draws 8 bytes, in hex.
func newInstance() string {
	var instance [8]byte
	rand.Read(instance[:]) // never fails
	return hex.EncodeToString(instance[:])
}
