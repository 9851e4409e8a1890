package link

import (
	"io"
	"net"
	"sync"
	"syscall"
	"unsafe"

	"github.com/nats-io/nats.go"
)

// direct is an option of nats.go: its sockets are read and written by system calls that Go's scheduler
// is not told of. Whatever it is told of from an idle process wakes its monitor thread, which then
// sleeps 20 µs at a time until the process is idle again: with small messages a quarter of a worker's
// switches between threads. The scheduler need not know, because these calls never block: net keeps its
// sockets non-blocking, and waits for them elsewhere. A dialer of the caller's is left alone.
func direct(o *nats.Options) error {
	if o.CustomDialer != nil {
		return nil
	}
	dialer := net.Dialer{Timeout: o.Timeout}
	if o.Dialer != nil {
		dialer = *o.Dialer
	}
	if o.AllowMultipathTCP != nil {
		dialer.SetMultipathTCP(*o.AllowMultipathTCP)
	}
	o.CustomDialer = directDialer{dialer}
	return nil
}

type directDialer struct{ dialer net.Dialer }

// Dial connects. What is no TCP socket stays as it is.
func (d directDialer) Dial(network, address string) (net.Conn, error) {
	conn, err := d.dialer.Dial(network, address)
	if err != nil {
		return nil, err
	}
	tcp, isTCP := conn.(*net.TCPConn)
	if !isTCP {
		return conn, nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return newDirectConn(tcp, raw), nil
}

// directConn is a TCP connection with reads and writes of its own. Deadlines, Close and addresses are
// those of the connection.
type directConn struct {
	net.Conn
	raw syscall.RawConn

	reading, writing transfer
	read, write      func(fd uintptr) bool
}

func newDirectConn(conn net.Conn, raw syscall.RawConn) *directConn {
	c := &directConn{Conn: conn, raw: raw}
	// Made once: a method value made for each call would be garbage.
	c.read, c.write = c.reading.read, c.writing.write
	return c
}

// Read is of net.Conn.
func (c *directConn) Read(data []byte) (int, error) {
	if len(data) == 0 {
		return 0, nil
	}
	done, err := c.reading.run(data, func() error { return c.raw.Read(c.read) })
	if done == 0 && err == nil {
		return 0, io.EOF
	}
	return done, c.failed("read", err)
}

// Write is of net.Conn: it returns fewer bytes than it was given only with an error.
func (c *directConn) Write(data []byte) (int, error) {
	done, err := c.writing.run(data, func() error { return c.raw.Write(c.write) })
	return done, c.failed("write", err)
}

// failed tells of an error as net does.
func (c *directConn) failed(operation string, err error) error {
	if number, isNumber := err.(syscall.Errno); isNumber {
		err = &net.OpError{Op: operation, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: number}
	}
	return err
}

// transfer is the call under way in one direction. There is one at a time.
type transfer struct {
	mutex sync.Mutex
	data  []byte
	done  int
	err   error
}

// run has data transferred by wait, which calls read or write until it says that it is done.
func (t *transfer) run(data []byte, wait func() error) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.data, t.done, t.err = data, 0, nil
	if err := wait(); err != nil {
		t.err = err
	}
	t.data = nil
	return t.done, t.err
}

// read takes what has arrived; it is done unless nothing has.
func (t *transfer) read(fd uintptr) bool {
	n, again := t.call(syscall.SYS_READ, fd, t.data)
	t.done = n
	return !again
}

// write gives the kernel what it takes; it is done when that is all, or an error.
func (t *transfer) write(fd uintptr) bool {
	for t.done < len(t.data) && t.err == nil {
		n, again := t.call(syscall.SYS_WRITE, fd, t.data[t.done:])
		if again {
			return false
		}
		t.done += n
	}
	return true
}

// call is one call to the kernel, made again where a signal interrupts it. again says that it would
// have had to wait.
func (t *transfer) call(number, fd uintptr, data []byte) (n int, again bool) {
	for {
		done, _, errno := syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)))
		switch errno {
		case 0:
			return int(done), false
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, true
		default:
			t.err = errno
			return 0, false
		}
	}
}
