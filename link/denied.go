package link

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// denied watches for the permission to come that a broker denied. A broker that is given other permissions
// forgets what it denied: who does not ask again is deaf until it connects again, and nothing tells it to.
type denied struct {
	mutex      sync.Mutex
	isWatching bool
}

// askEvery is how long a subscription stays denied before it is asked for again.
const askEvery = 5 * time.Second

// deniedSubscription finds, in what a broker says, the subject and the queue that it denies.
var deniedSubscription = regexp.MustCompile(`Subscription to "(\S+)"(?: using queue "(\S+)")?`)

// watch asks for a subscription that was denied, again and again, until it is allowed; then it connects
// again, which asks for all of them. One at a time is enough: what is denied afterwards is watched then.
func (d *denied) watch(conn *nats.Conn, violation error, closed <-chan struct{}) {
	found := deniedSubscription.FindStringSubmatch(violation.Error())
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if found == nil || d.isWatching {
		return
	}
	d.isWatching = true
	go func() {
		isAllowed := awaitAllowed(conn, found[1], found[2], closed)
		d.mutex.Lock()
		d.isWatching = false
		d.mutex.Unlock()
		if isAllowed {
			_ = conn.ForceReconnect() // fails where it is closed
		}
	}()
}

// awaitAllowed returns once a subscription is allowed, or with false once the connection is closed.
func awaitAllowed(conn *nats.Conn, subject, queue string, closed <-chan struct{}) bool {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		select {
		case <-closed:
			return false
		case <-ticker.C:
			if conn.IsConnected() && isAllowed(conn, subject, queue) {
				return true
			}
		}
	}
}

// isAllowed subscribes for a moment. A broker that denies it says so at once; nothing says that it is allowed.
func isAllowed(conn *nats.Conn, subject, queue string) bool {
	subscription, err := conn.QueueSubscribeSync(subject, queue)
	if err != nil {
		return false
	}
	defer func() { _ = subscription.Unsubscribe() }() // fails where the connection is closed
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err = subscription.NextMsgWithContext(ctx)
	return err == nil || (errors.Is(err, context.DeadlineExceeded) && conn.IsConnected())
}
