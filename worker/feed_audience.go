package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// worthAsking is how many values must wait, more than which it is cheaper to ask whether anybody listens
	// than to publish them.
	worthAsking = 16
	// askEvery is how many values are published at most before it is asked again.
	askEvery = 1024
	// answerWithin bounds how long a broker's answer holds the feed up. Without one it is published.
	answerWithin = 2 * time.Second
	// waitingAnswers is how many answers may wait to be looked at. Of those beyond nothing is needed: a missed
	// answer only means that the feed is published.
	waitingAnswers = 1024
)

// audience tells whether anybody listens to the feed.
//
// It asks the broker by a reply subject on a value that is published anyhow: a broker that has nobody to give
// a message to says so on its reply subject, at once and to the publisher alone (status 503, "no
// responders"). What brokers cannot tell counts as somebody: one that knows no such answer, or denies the
// subject; a broker that is not reached. So does a stream that captures the feed, whose acknowledgements
// come on the same subject. A subscriber that reads so slowly that its broker drops what is sent to it
// counts as nobody.
//
// Invariant: while isOpen is false, no answer is on its way to the reply subject.
type audience struct {
	conn    *nats.Conn
	base    string // reply subjects begin with it
	answers chan *nats.Msg
	listen  *nats.Subscription

	number    int    // of the reply subject
	reply     string // the reply subject
	isOpen    bool   // a value was published with it whose answer may still come
	isThere   bool   // somebody was found, and nothing says since that all have left
	published int    // values, since it was last asked
}

// newAudience listens for the broker's answers. Learners need $SRV.> for their status, and nobody answers
// for others there. The nonce keeps who hears nothing of the feed from forging an answer.
func newAudience(conn *nats.Conn, log, id string) (*audience, error) {
	a := &audience{
		conn:    conn,
		base:    fmt.Sprintf("$SRV.FEED.%s.%s.%x.", log, id, newNonce()),
		answers: make(chan *nats.Msg, waitingAnswers),
	}
	a.renew()
	var err error
	a.listen, err = conn.ChanSubscribe(a.base+"*", a.answers)
	return a, err
}

func (a *audience) close() { _ = a.listen.Unsubscribe() } // fails where the connection is closed

// renew leaves the reply subject, so that answers which are still on their way there mean nothing.
func (a *audience) renew() {
	a.number++
	a.reply = fmt.Sprint(a.base, a.number)
	a.isOpen = false
}

// isWorthAsking reports whether to ask before so many values are published.
func (a *audience) isWorthAsking(waiting int) bool {
	if a.isThere && a.hearsOfNobody() {
		a.isThere = false
	}
	return !a.isThere && (waiting > worthAsking || a.published >= askEvery) && a.conn.IsConnected()
}

// ask has a value published with a reply subject, and reports whether anybody listened when it reached the
// broker. A broker answers in order: what it had to say of the value comes before what it says to a ping.
func (a *audience) ask(ctx context.Context, publish func(reply string)) bool {
	if a.isOpen {
		a.renew()
	}
	a.isOpen, a.published = true, 0
	publish(a.reply)
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if a.conn.FlushWithContext(ctx) != nil {
		a.isThere = true
		return true
	}
	a.isThere = !a.hearsOfNobody()
	a.isOpen = false
	return a.isThere
}

// replyOf returns the reply subject for a value that is published without waiting for an answer; mostly
// "". While somebody listens, now and then the last of a run gets one: an answer says that all have left,
// and then it is asked anew.
func (a *audience) replyOf(isLast bool) string {
	a.published++
	if !isLast || !a.isThere || a.published < askEvery {
		return ""
	}
	a.isOpen, a.published = true, 0
	return a.reply
}

// hearsOfNobody takes the answers that have come, and reports whether one says that nobody listened.
func (a *audience) hearsOfNobody() (isNobody bool) {
	for {
		select {
		case msg := <-a.answers:
			if msg.Subject == a.reply && len(msg.Data) == 0 && msg.Header.Get("Status") == "503" {
				isNobody = true
			}
		default:
			return isNobody
		}
	}
}
