//go:build linux

package link

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/testenv/broker"
)

// dialDirect returns both ends of a connection whose first end is direct.
func dialDirect(t testing.TB) (*directConn, *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var options nats.Options
	if err := direct(&options); err != nil {
		t.Fatal(err)
	}
	conn, err := options.CustomDialer.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	other, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	direct, isDirect := conn.(*directConn)
	if !isDirect {
		t.Fatalf("dialed a %T", conn)
	}
	return direct, other.(*net.TCPConn)
}

// noise is bytes of which no two stretches are alike.
func noise(size int) []byte {
	random := rand.NewChaCha8([32]byte{1})
	data := make([]byte, size)
	_, _ = random.Read(data)
	return data
}

func TestADirectConnectionCarriesMoreThanSocketsHoldBothWays(t *testing.T) {
	conn, other := dialDirect(t)
	want := noise(8 << 20)
	go func() { _, _ = io.Copy(other, other) }() // an echo
	wrote := make(chan error, 1)
	go func() {
		n, err := conn.Write(want)
		if err == nil && n != len(want) {
			err = io.ErrShortWrite
		}
		wrote <- err
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the bytes that came back are others")
	}
}

func TestADirectConnectionEndsAsOthersDo(t *testing.T) {
	t.Run("the other end closes", func(t *testing.T) {
		conn, other := dialDirect(t)
		other.Close()
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("got %d, %v; want 0, EOF", n, err)
		}
	})
	t.Run("the other end resets", func(t *testing.T) {
		conn, other := dialDirect(t)
		_ = other.SetLinger(0)
		other.Close()
		_, err := conn.Read(make([]byte, 1))
		var operation *net.OpError
		if !errors.As(err, &operation) || operation.Op != "read" {
			t.Errorf("got %v, want an error of reading", err)
		}
	})
	t.Run("it is closed while it reads", func(t *testing.T) {
		conn, _ := dialDirect(t)
		read := make(chan error, 1)
		go func() {
			_, err := conn.Read(make([]byte, 1))
			read <- err
		}()
		conn.Close()
		if err := <-read; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want %v", err, net.ErrClosed)
		}
	})
	t.Run("nobody reads what it writes", func(t *testing.T) {
		conn, _ := dialDirect(t)
		data := make([]byte, 64<<20)
		_ = conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		n, err := conn.Write(data)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want %v", err, os.ErrDeadlineExceeded)
		}
		if n == 0 || n == len(data) {
			t.Errorf("wrote %d bytes of %d, want a part", n, len(data))
		}
	})
	t.Run("nothing arrives", func(t *testing.T) {
		conn, _ := dialDirect(t)
		_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
		_, err := conn.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("got %v, want a timeout", err)
		}
	})
}

func TestADialerOfTheCallersIsLeftAlone(t *testing.T) {
	own := &recordingDialer{}
	w := onLoopback(t, broker.Options{})
	conn, err := nats.Connect(w.broker.URL(), nats.SetCustomDialer(own), direct)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if own.dialed != 1 {
		t.Errorf("the caller's dialer was asked %d times, want 1", own.dialed)
	}
}

type recordingDialer struct {
	net.Dialer
	dialed int
}

func (d *recordingDialer) Dial(network, address string) (net.Conn, error) {
	d.dialed++
	return d.Dialer.Dial(network, address)
}

func TestReadingAndWritingDirectlyMakesNoGarbage(t *testing.T) {
	conn, other := dialDirect(t)
	go func() { _, _ = io.Copy(other, other) }()
	data := make([]byte, 64)
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := conn.Write(data); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, data); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 0 {
		t.Errorf("%v allocations for each write and read, want none", allocations)
	}
}
