package virtual

import (
	"bytes"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// wire is one connection from a line to a broker, as the client holds it. It stands for a TCP connection
// and the buffers of its sockets: a write returns at once, and a goroutine passes it on.
//
// Bytes that were lost on a wire are never followed by others: a wire that was silenced stays so.
type wire struct {
	net.Conn // the broker's pipe
	line     *Line

	mutex   sync.Mutex
	waiting []byte
	ready   chan struct{} // capacity 1
	closed  chan struct{}
	closing sync.Once
	isOpen  atomic.Bool // the handshake is over: from here on it may be delayed
	isMute  atomic.Bool // it loses all that it is given, both ways; neither end notices
}

func newWire(line *Line, pipe net.Conn) *wire {
	w := &wire{Conn: pipe, line: line, ready: make(chan struct{}, 1), closed: make(chan struct{})}
	go w.pass()
	return w
}

// Write takes bytes to be passed on. It never waits.
func (w *wire) Write(data []byte) (int, error) {
	select {
	case <-w.closed:
		return 0, net.ErrClosed
	default:
	}
	w.mutex.Lock()
	w.waiting = append(w.waiting, data...)
	w.mutex.Unlock()
	select {
	case w.ready <- struct{}{}:
	default: // already told
	}
	return len(data), nil
}

// pass hands what was written to the broker, until the wire is closed: then what still waits, as a socket
// would that is closed in order.
func (w *wire) pass() {
	for {
		isClosed := false
		select {
		case <-w.ready:
			w.line.delay(w)
		case <-w.closed:
			isClosed = true
		}
		w.mutex.Lock()
		data := w.waiting
		w.waiting = nil
		w.mutex.Unlock()
		if w.isMute.Load() {
			data = nil
		}
		if len(data) > 0 {
			if _, err := w.Conn.Write(data); err != nil {
				isClosed = true
			}
		}
		if isClosed {
			w.end()
			return
		}
	}
}

// end closes the broker's end as well, unless the wire is mute: then the broker writes on into nothing
// until it gives up.
func (w *wire) end() {
	w.Close()
	if w.isMute.Load() {
		_ = w.Conn.SetReadDeadline(time.Time{})
		for buffer := make([]byte, 4<<10); ; {
			if _, err := w.Conn.Read(buffer); err != nil {
				break
			}
		}
	}
	_ = w.Conn.Close()
	w.line.forget(w)
}

// pong is what a broker answers at the end of the handshake.
var pong = []byte("PONG\r\n")

// Read reads what the broker wrote.
func (w *wire) Read(to []byte) (int, error) {
	for {
		n, err := w.Conn.Read(to)
		select {
		case <-w.closed:
			return 0, net.ErrClosed
		default:
		}
		if err != nil {
			return n, err
		}
		w.line.delay(w)
		if w.isMute.Load() {
			continue
		}
		if !w.isOpen.Load() && bytes.Contains(to[:n], pong) {
			w.isOpen.Store(true)
		}
		return n, nil
	}
}

// closeWithin bounds how long a broker may take to read what was written before a wire was closed.
const closeWithin = time.Second

// Close ends the client's end: a read returns at once.
func (w *wire) Close() error {
	w.closing.Do(func() {
		_ = w.Conn.SetWriteDeadline(time.Now().Add(closeWithin))
		close(w.closed)
		_ = w.Conn.SetReadDeadline(time.Now()) // a read in progress returns; the next sees that it is closed
	})
	return nil
}

// cut ends both ends at once, and what was on its way is lost.
func (w *wire) cut() {
	w.mutex.Lock()
	w.waiting = nil
	w.mutex.Unlock()
	_ = w.Conn.Close()
	w.Close()
}

// SetDeadline bounds reads; writes never wait.
func (w *wire) SetDeadline(at time.Time) error { return w.SetReadDeadline(at) }

// SetReadDeadline bounds reads of a wire that is not closed.
func (w *wire) SetReadDeadline(at time.Time) error {
	select {
	case <-w.closed:
		return os.ErrDeadlineExceeded
	default:
		return w.Conn.SetReadDeadline(at)
	}
}

// SetWriteDeadline does nothing: writes never wait.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
