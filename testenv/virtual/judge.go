package virtual

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/synod-log/synod/paxos"
)

// patience is how long, in virtual time, a cluster may take after all is well again to acknowledge what was
// proposed, to teach everybody and to empty its queues. It covers a stall that a connection needs six
// seconds to notice, the longest wait before it connects again, and an election after it.
const patience = 30 * time.Second

// status is what a worker says of itself, of any role.
type status struct {
	State     string
	Waiting   string
	Settled   paxos.Slot
	Highest   paxos.Slot
	Learned   paxos.Slot
	Held      int
	InFlight  int   `json:"in_flight"`
	TailBytes int   `json:"tail_bytes"`
	Voting    bool  `json:"voting"`
	err       error // it does not answer
}

func (c *Cluster) status(self paxos.Address) (s status) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	reply, err := c.observer.RequestWithContext(ctx, subjects.Status(self.Role, self.ID), nil)
	if err == nil {
		err = json.Unmarshal(reply.Data, &s)
	}
	s.err = err
	return s
}

// leader is the proposer that leads; nil: none does.
func (c *Cluster) leader() *Worker {
	for _, w := range c.of(paxos.RoleProposer) {
		if c.status(w.self).State == "leading" {
			return w
		}
	}
	return nil
}

func (c *Cluster) awaitLeader() {
	c.t.Helper()
	c.within(patience, func() string {
		if c.leader() == nil {
			return "nobody leads"
		}
		return ""
	})
}

// within waits until complaint has nothing to say. Its last word fails the test.
func (c *Cluster) within(most time.Duration, complaint func() string) {
	c.t.Helper()
	deadline := time.Now().Add(most)
	for {
		text := complaint()
		if text == "" {
			return
		}
		if time.Now().After(deadline) {
			c.t.Errorf("after %v: %s\nthe last that was logged:\n%v", most, text, c.said)
			c.t.FailNow()
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Judge has the clients rest, and checks all that must be true of a cluster that is well again: what was
// proposed is chosen, each value once and in the slot that was told; all have learned it; nothing waits.
// Lines of level ERROR are a failure, but for those with one of the words that are expected.
func (c *Cluster) Judge(expected ...string) {
	c.t.Helper()
	c.load.rest()
	c.within(patience, func() string {
		if waiting := c.load.history.Waiting(); waiting > 0 {
			return fmt.Sprintf("%d values are not acknowledged", waiting)
		}
		return ""
	})
	c.within(patience, c.unlevel)
	c.within(patience, c.undrained)
	log := c.of(paxos.RoleLearner)[0].record.values // nothing more comes
	wrong := c.load.history.check(log)
	for _, reader := range c.readers() {
		wrong = append(wrong, reader.compare(log)...)
	}
	wrong = append(wrong, c.said.unexpected(expected)...)
	for i, line := range wrong {
		if i == 20 {
			c.t.Errorf("… and %d more", len(wrong)-i)
			break
		}
		c.t.Error(line)
	}
}

func (c *Cluster) readers() []*record {
	readers := []*record{c.load.reader}
	for _, w := range c.of(paxos.RoleLearner) {
		readers = append(readers, w.record)
	}
	return readers
}

// unlevel names a reader that has less than another, or than the acceptors have accepted.
func (c *Cluster) unlevel() string {
	var most paxos.Slot
	for _, w := range c.of(paxos.RoleAcceptor) {
		most = max(most, c.status(w.self).Highest)
	}
	for _, reader := range c.readers() {
		if last := reader.last(); last != most {
			return fmt.Sprintf("%s was given slots up to %d of %d", reader.name, last, most)
		}
	}
	return ""
}

// undrained names a worker where something waits.
func (c *Cluster) undrained() string {
	for _, w := range c.workers {
		s := c.status(w.self)
		isDrained := s.err == nil && s.Held == 0 && s.InFlight == 0 && s.TailBytes == 0
		isLevel := w.self.Role != paxos.RoleAcceptor || (s.Settled == s.Highest && s.Voting)
		if !isDrained || !isLevel {
			return fmt.Sprintf("%v is not idle: %+v", w.self, s)
		}
	}
	return ""
}
