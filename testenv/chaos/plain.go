package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/nats-io/nats.go"
)

// plain is a client that knows nothing but NATS.
type plain struct {
	*load
	conn   *nats.Conn
	name   string
	hasID  bool
	random *rand.Rand
}

// propose proposes a value. One in a hundred is larger, one in five hundred too large. With an id,
// it is repeated where its outcome is unknown, and now and then where it is known.
func (p *plain) propose() {
	bytes := 0
	switch drawn := p.random.IntN(500); {
	case drawn == 0:
		bytes = 1<<20 - 4<<10 // the broker takes it, and a proposer must not
	case drawn < 6:
		bytes = 1 << (8 + p.random.IntN(6))
	}
	r := Request{Client: p.name, Key: p.key(p.name, bytes), HasID: p.hasID, IsOnce: true}
	isKnown := p.send(r)
	for repeats := 0; p.hasID && repeats < 3 && (!isKnown || p.random.IntN(10) == 0); repeats++ {
		isKnown = p.send(r)
	}
}

// send sends a request and waits for its answer. It reports whether the outcome is known.
func (p *plain) send(r Request) bool {
	ctx, cancel := context.WithTimeout(context.Background(), plainTimeout)
	defer cancel()
	msg := nats.NewMsg("synod.main.propose")
	msg.Data = []byte(valueOf(r.Key))
	if r.HasID {
		msg.Header.Set(nats.MsgIdHdr, r.Key)
	}
	r.Sent = p.history.now()
	reply, err := p.conn.RequestMsgWithContext(ctx, msg)
	r.Answered = p.history.now()
	if err == nil {
		err = readAnswer(reply.Data, &r)
	}
	if err != nil {
		r.Err = err.Error()
	}
	p.history.addRequest(r)
	return r.Slot != 0 || r.Refused
}

// readAnswer reads what a proposer answered into a request. One that acknowledges nothing is an
// error.
func readAnswer(data []byte, r *Request) error {
	var answer struct {
		Slot      uint64
		Duplicate bool
		Error     struct {
			Code        int
			Description string
		}
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return fmt.Errorf("answer %q: %w", data, err)
	}
	r.Slot, r.Duplicate = answer.Slot, answer.Duplicate
	switch code := answer.Error.Code; {
	case code != 0:
		r.Refused = code == 400 || code == 413
		return fmt.Errorf("%d %s", code, answer.Error.Description)
	case answer.Slot == 0:
		return fmt.Errorf("answer %q has no slot", data)
	}
	return nil
}
