package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// stranger publishes what no worker would, through a connection of its own: nats.go refuses some of it.
type stranger struct {
	t      *testing.T
	conn   net.Conn
	in     *bufio.Reader
	out    *bufio.Writer
	random *rand.Rand

	known    knowledge
	proposed History // values that a proposer may take
}

// knowledge is what anybody learns who listens to a log.
type knowledge struct {
	tag        paxos.Tag
	membership paxos.Membership
	ballot     paxos.Ballot // the leader's
	heard      []*nats.Msg
}

// newStranger connects one to a broker.
func newStranger(t *testing.T, url string, known knowledge) *stranger {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &stranger{
		t: t, conn: conn, in: bufio.NewReader(conn), out: bufio.NewWriterSize(conn, 1<<20), known: known,
		random: rand.New(rand.NewPCG(1, 2)),
	}
	fmt.Fprint(s.out, `CONNECT {"verbose":false,"pedantic":false,"headers":true}`+"\r\n")
	s.flush()
	return s
}

// letter is something to publish.
type letter struct {
	subject string
	reply   string
	headers string // lines, each with its end; "": none
	data    []byte
}

// publish publishes a letter as it is.
func (s *stranger) publish(l letter) {
	var err error
	if l.headers == "" {
		_, err = fmt.Fprintf(s.out, "PUB %s %s %d\r\n%s\r\n", l.subject, l.reply, len(l.data), l.data)
	} else {
		head := "NATS/1.0\r\n" + l.headers + "\r\n"
		_, err = fmt.Fprintf(s.out, "HPUB %s %s %d %d\r\n%s%s\r\n", l.subject, l.reply, len(head),
			len(head)+len(l.data), head, l.data)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// flush waits until the broker has read all that was published.
func (s *stranger) flush() {
	s.t.Helper()
	fmt.Fprint(s.out, "PING\r\n")
	if err := s.out.Flush(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	for {
		line, err := s.in.ReadBytes('\n')
		switch {
		case err != nil:
			s.t.Fatalf("the broker ended the stranger's connection: %v", err)
		case bytes.HasPrefix(line, []byte("-ERR")):
			s.t.Fatalf("the broker refused the stranger: %s", line)
		case bytes.HasPrefix(line, []byte("PING")):
			fmt.Fprint(s.out, "PONG\r\n")
		case bytes.HasPrefix(line, []byte("PONG")):
			return
		}
	}
}

// listen listens to a log for a while, and returns what it learned.
func listen(t *testing.T, conn *nats.Conn, messages int) knowledge {
	t.Helper()
	subjects, err := codec.NewSubjects("", "main")
	if err != nil {
		t.Fatal(err)
	}
	sub, err := conn.SubscribeSync("synod.>")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe()
	var known knowledge
	deadline := time.Now().Add(patience)
	for len(known.heard) < messages || known.tag.IsZero() || known.ballot.IsZero() {
		msg, err := sub.NextMsg(time.Until(deadline))
		if err != nil {
			t.Fatalf("listening, after %d messages: %v", len(known.heard), err)
		}
		known.heard = append(known.heard, msg)
		if message, err := subjects.Decode(msg.Subject, msg.Data); err == nil {
			known.take(message)
		}
	}
	return known
}

func (k *knowledge) take(message paxos.Message) {
	switch body := message.Body.(type) {
	case *paxos.Accept:
		k.ballot = body.Ballot
	case *paxos.Hello:
		if body.Acceptor != nil && body.Acceptor.Membership != nil {
			k.tag, k.membership = message.Tag, *body.Acceptor.Membership
		}
	}
}
