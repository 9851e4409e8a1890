package client_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// lossy stands between a client and its broker, and drops some of the messages to the client: whole ones, as
// a broker does to who is too slow.
type lossy struct {
	listener net.Listener
	to       string // address of the broker
	percent  int
	dropped  atomic.Int64
}

func startLossy(t *testing.T, url string, percent int) *lossy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	l := &lossy{listener: listener, to: strings.TrimPrefix(url, "nats://"), percent: percent}
	go l.serve()
	return l
}

func (l *lossy) url() string { return "nats://" + l.listener.Addr().String() }

func (l *lossy) serve() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return // the test ended
		}
		broker, err := net.Dial("tcp", l.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(broker, client)
			_ = broker.Close()
		}()
		go func() {
			_ = l.pass(client, bufio.NewReader(broker))
			_ = client.Close()
		}()
	}
}

// pass passes on what the broker says, but for the messages that it drops.
func (l *lossy) pass(client io.Writer, broker *bufio.Reader) error {
	to := bufio.NewWriter(client)
	for {
		line, err := broker.ReadString('\n')
		if err != nil {
			return err
		}
		message := []byte(line)
		if strings.HasPrefix(line, "MSG ") || strings.HasPrefix(line, "HMSG ") {
			fields := strings.Fields(line)
			size, err := strconv.Atoi(fields[len(fields)-1])
			if err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			body := make([]byte, size+len("\r\n"))
			if _, err := io.ReadFull(broker, body); err != nil {
				return err
			}
			if rand.IntN(100) < l.percent {
				l.dropped.Add(1)
				message = nil
			} else {
				message = append(message, body...)
			}
		}
		if _, err := to.Write(message); err != nil {
			return err
		}
		if broker.Buffered() == 0 {
			if err := to.Flush(); err != nil {
				return err
			}
		}
	}
}
