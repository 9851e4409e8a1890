package proxy

import (
	"bufio"
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// patience is how long a test waits for what takes a moment.
const patience = 30 * time.Second

// startEcho starts a server that sends back each line, and a proxy to it.
func startEcho(t *testing.T) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if _, err := conn.Write(append(lines.Bytes(), '\n')); err != nil {
						return
					}
				}
			}()
		}
	}()
	p, err := Start(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// ask sends a line and returns the error of waiting for it to come back.
func ask(t *testing.T, conn net.Conn, within time.Duration) error {
	t.Helper()
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		return err
	}
	if err := conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "hello\n" {
		t.Errorf("got %q back", line)
	}
	return err
}

func TestWhatGoesThroughComesBackUntilItIsCut(t *testing.T) {
	p := startEcho(t)
	conn := dial(t, p)
	if err := ask(t, conn, patience); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if err := ask(t, conn, patience); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection that is cut ends with %v", err)
	}
	if err := ask(t, dial(t, p), patience); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a new connection while it is cut ends with %v", err)
	}
	p.Heal()
	if err := ask(t, dial(t, p), patience); err != nil {
		t.Errorf("healed: %v", err)
	}
}

func TestWhatOneSideSaysIsSwallowedAndTheConnectionStays(t *testing.T) {
	for _, direction := range []Direction{ToTarget, FromTarget} {
		p := startEcho(t)
		conn := dial(t, p)
		if err := ask(t, conn, patience); err != nil {
			t.Fatal(err)
		}
		p.Swallow(direction)
		if err := ask(t, conn, 100*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("direction %d: waiting for what is swallowed ends with %v", direction, err)
		}
		p.Heal()
		if err := ask(t, conn, patience); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("direction %d: a connection with a hole goes on after healing: %v", direction, err)
		}
		if err := ask(t, dial(t, p), patience); err != nil {
			t.Errorf("direction %d, healed: %v", direction, err)
		}
	}
}

func TestHealingLeavesAConnectionThatMissedNothing(t *testing.T) {
	p := startEcho(t)
	conn := dial(t, p)
	if err := ask(t, conn, patience); err != nil {
		t.Fatal(err)
	}
	p.Swallow(FromTarget)
	p.Heal()
	if err := ask(t, conn, patience); err != nil {
		t.Errorf("a connection that missed nothing ended: %v", err)
	}
}

func TestASlowDirectionLetsAllThroughAndNotAtOnce(t *testing.T) {
	p := startEcho(t)
	p.Slow(FromTarget, 10) // a byte at a time
	conn := dial(t, p)
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	got, pieces := "", 0
	for buffer := make([]byte, 100); got != "hello\n"; pieces++ {
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		got += string(buffer[:n])
	}
	if pieces == 1 {
		t.Error("all came at once")
	}
	p.Heal()
	if err := ask(t, conn, patience); err != nil {
		t.Errorf("healed: %v", err)
	}
}
