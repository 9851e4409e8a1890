package contestant

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/workload"
)

const (
	raftBuffer = 32 << 10 // as large as the client library's of NATS

	// raftAwaiting is how many answers one connection may wait for.
	raftAwaiting = 64 << 10

	// findAfter is how long a client waits before it looks for the leader again.
	findAfter = 10 * time.Millisecond
)

// raftClient sends values to the leader's front over one connection, many at once where many wait, and
// finds the new leader when the connection breaks.
type raftClient struct {
	group  *Raft
	closed chan struct{}

	mu   sync.Mutex
	line *raftLine // nil: no leader is known
}

func (r *Raft) connect(connections int) ([]workload.Client, error) {
	var clients []workload.Client
	for range connections {
		c := &raftClient{group: r, closed: make(chan struct{})}
		clients = append(clients, c)
		if err := c.find(); err != nil {
			closeAll(clients)
			return nil, err
		}
	}
	return clients, nil
}

// find connects to the present leader.
func (c *raftClient) find() error {
	leader, err := c.group.leader(context.Background())
	if err != nil {
		return err
	}
	line, err := dial(c.group.fronts[leader])
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.line = line
	go c.followLine(line)
	return nil
}

// followLine looks for another leader once this one's connection is broken, or refuses values.
func (c *raftClient) followLine(line *raftLine) {
	select {
	case <-line.broken:
	case <-c.closed:
		line.breakOff()
		return
	}
	c.mu.Lock()
	c.line = nil
	c.mu.Unlock()
	for c.find() != nil {
		select {
		case <-time.After(findAfter):
		case <-c.closed:
			return
		}
	}
}

// Put sends a value and waits for its answer.
func (c *raftClient) Put(ctx context.Context, value []byte) error {
	wait, err := c.Go(ctx, value)
	if err != nil {
		return err
	}
	return wait()
}

// Go sends a value and does not wait for its answer.
func (c *raftClient) Go(ctx context.Context, value []byte) (workload.Wait, error) {
	c.mu.Lock()
	line := c.line
	c.mu.Unlock()
	if line == nil {
		return nil, errors.New("no leader is known")
	}
	answered, err := line.send(value)
	if err != nil {
		return nil, err
	}
	return func() error {
		select {
		case err := <-answered:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}, nil
}

// Close closes the connection.
func (c *raftClient) Close() { close(c.closed) }

// raftLine is a connection to a front.
type raftLine struct {
	conn   net.Conn
	broken chan struct{}
	once   sync.Once

	mu       sync.Mutex // of the two below
	writer   *bufio.Writer
	awaiting chan chan error // in the order that values were sent
	flush    chan struct{}   // holds one while something waits to be flushed
}

func dial(address string) (*raftLine, error) {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return nil, err
	}
	l := &raftLine{
		conn: conn, broken: make(chan struct{}), writer: bufio.NewWriterSize(conn, raftBuffer),
		awaiting: make(chan chan error, raftAwaiting), flush: make(chan struct{}, 1),
	}
	go l.flushLoop()
	go l.readLoop()
	return l, nil
}

func (l *raftLine) send(value []byte) (<-chan error, error) {
	answered := make(chan error, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.broken: // failAll may have been here already
		return nil, net.ErrClosed
	default:
	}
	select {
	case l.awaiting <- answered:
	case <-l.broken:
		return nil, net.ErrClosed
	}
	if err := member.WriteValue(l.writer, value); err != nil {
		l.breakOff()
		return answered, nil // the reading side answers it
	}
	select {
	case l.flush <- struct{}{}:
	default:
	}
	return answered, nil
}

// flushLoop sends what has gathered while it sent what was before.
func (l *raftLine) flushLoop() {
	for {
		select {
		case <-l.flush:
		case <-l.broken:
			return
		}
		l.mu.Lock()
		err := l.writer.Flush()
		l.mu.Unlock()
		if err != nil {
			l.breakOff()
			return
		}
	}
}

// readLoop answers values in the order that they were sent, and all of them once the connection is broken.
func (l *raftLine) readLoop() {
	reader := bufio.NewReaderSize(l.conn, raftBuffer)
	for {
		word, err := reader.ReadByte()
		if err != nil {
			l.breakOff()
			l.failAll(err)
			return
		}
		answered := <-l.awaiting
		if word == member.Acknowledged {
			answered <- nil
			continue
		}
		answered <- errors.New("refused")
		l.breakOff() // it leads no more
	}
}

// failAll answers what nobody will.
func (l *raftLine) failAll(err error) {
	l.mu.Lock() // nothing is sent after it
	defer l.mu.Unlock()
	for {
		select {
		case answered := <-l.awaiting:
			answered <- err
		default:
			return
		}
	}
}

// breakOff closes the connection, once.
func (l *raftLine) breakOff() {
	l.once.Do(func() {
		close(l.broken)
		l.conn.Close()
	})
}
