package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

const (
	// readGroup is the queue group of learners: one of them answers a read.
	readGroup = "synod-learners"
	// readersOfEach is how many reads are answered at a time, of recent slots and of older ones: those that
	// wait for an acceptor's page do not hold up those that need none, and no more than two pages are on
	// their way to a learner, so that readers cannot take the acceptors' disks from voting.
	readersOfEach = 2
	// waitingReadsOfEach is how many may wait. What comes beyond is told to come again.
	waitingReadsOfEach = 256
	// staleAfter is how long a read may wait. Who asked longer ago has asked again, or has gone.
	staleAfter = 2 * time.Second
	// answerBytes is about how large an answer is, at most, if it has more than one value.
	answerBytes = 1 << 20
	// answerRate is how many bytes a second each of those that answer sends, at most: votes travel through the
	// same brokers, and acceptors are there to vote. Two of four are enough for 300,000 small values.
	answerRate = 32 << 20
)

// readService answers reads: some slots from a first on, on the reply subject, each as the feed's message,
// and a last message that says where to go on. It does not wait for who reads: what the broker cannot
// deliver it drops, and the reader asks again.
type readService struct {
	face    *face
	learner *client.Learner
	ctx     context.Context
	recent  chan readRequest
	older   chan readRequest
	working sync.WaitGroup
}

// startReadService starts what answers, until ctx ends. Listen begins to take requests.
func startReadService(ctx context.Context, f *face, learner *client.Learner) *readService {
	s := &readService{
		face: f, learner: learner, ctx: ctx,
		recent: make(chan readRequest, waitingReadsOfEach), older: make(chan readRequest, waitingReadsOfEach),
	}
	for range readersOfEach {
		s.working.Go(func() { s.work(s.recent) })
		s.working.Go(func() { s.work(s.older) })
	}
	return s
}

func (s *readService) wait() { s.working.Wait() }

// listen begins to take requests. It fails only where the connection is closed, and then so does all.
func (s *readService) listen() {
	subscription, err := s.learner.Link().Conn().QueueSubscribe(s.face.subjects.Read(), readGroup, s.onRead)
	if err == nil {
		_ = subscription.SetPendingLimits(-1, readRequestBytes*waitingReadsOfEach)
	}
}

// onRead takes a request that can be answered, and refuses the others.
func (s *readService) onRead(msg *nats.Msg) {
	if !s.face.subjects.MayAnswer(msg.Reply) {
		return
	}
	request, err := parseRead(msg.Data)
	if err != nil {
		s.refuse(msg.Reply, 400, err.Error())
		return
	}
	request.reply, request.heard = msg.Reply, time.Now()
	queue := s.recent
	if kept := s.face.memory.span(); request.from < kept.First {
		queue = s.older
	}
	select {
	case queue <- request:
	default:
		s.refuse(msg.Reply, 429, "too many reads wait at this learner: ask again in a moment")
	}
}

func (s *readService) work(queue chan readRequest) {
	answer := &readAnswer{
		service: s, writer: newEntryWriter(s.face.log),
		pull: pull{pages: s.face.pages, learner: s.learner, log: s.face.log, id: s.face.id,
			send: s.learner.Link().NewSender().Send},
	}
	for {
		select {
		case <-s.ctx.Done():
			return
		case request := <-queue:
			if time.Since(request.heard) > staleAfter {
				s.refuse(request.reply, 429, "the read waited too long at this learner: ask again in a moment")
				continue
			}
			sent := answer.give(s.ctx, request)
			s.rest(time.Duration(sent) * time.Second / answerRate)
		}
	}
}

// rest waits a while.
func (s *readService) rest(while time.Duration) {
	if while < time.Millisecond {
		return // a timer costs more
	}
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-s.ctx.Done():
	case <-timer.C:
	}
}

// refuse ends an answer with an error, in the form that NATS services report errors in.
func (s *readService) refuse(reply string, code int, why string) {
	msg := nats.NewMsg(reply)
	msg.Header.Set(codec.HeaderLog, s.face.log)
	msg.Header.Set(codec.HeaderStatus, codec.StatusError)
	msg.Header.Set(micro.ErrorCodeHeader, strconv.Itoa(code))
	msg.Header.Set(micro.ErrorHeader, oneLine(why))
	_ = s.publish(msg)
}

func (s *readService) end(reply, status, header string, slot paxos.Slot) {
	msg := nats.NewMsg(reply)
	msg.Header.Set(codec.HeaderLog, s.face.log)
	msg.Header.Set(codec.HeaderStatus, status)
	msg.Header.Set(header, strconv.FormatUint(uint64(slot), 10))
	_ = s.publish(msg)
}

// publish sends a part of an answer. One that cannot leave is lost: the reader asks again.
func (s *readService) publish(msg *nats.Msg) error { return s.learner.Link().Conn().PublishMsg(msg) }

// readAnswer gives answers, one after another.
type readAnswer struct {
	service *readService
	writer  *entryWriter
	pull    pull

	request readRequest // the one that is answered
	next    paxos.Slot  // to send
	bytes   int         // of values sent
}

// give answers a request, and returns how many bytes of values it sent.
func (a *readAnswer) give(ctx context.Context, request readRequest) int {
	s := a.service
	a.request, a.next, a.bytes = request, request.from, 0
	for a.wantsMore() {
		run, err := a.run(ctx, a.next)
		if err == nil {
			err = a.send(run)
		}
		if err != nil && a.next == request.from {
			a.fail(err)
			return 0
		}
		if err != nil || run.IsEmpty() {
			break // the reader asks for what follows, and is told then
		}
	}
	s.end(request.reply, codec.StatusEnd, codec.HeaderNext, a.next)
	return a.bytes
}

func (a *readAnswer) wantsMore() bool {
	return a.next < a.request.from+paxos.Slot(a.request.most) && a.bytes < answerBytes
}

// send sends what of a run is wanted.
func (a *readAnswer) send(run paxos.Run) error {
	for i := 0; i < len(run.Values) && a.wantsMore(); i++ {
		if err := a.service.publish(a.writer.message(a.request.reply, a.next, &run.Values[i])); err != nil {
			return err
		}
		a.bytes += run.Values[i].Size()
		a.next++
	}
	return nil
}

// fail says why there is no answer at all.
func (a *readAnswer) fail(err error) {
	s, reply := a.service, a.request.reply
	var trimmed trimmedError
	switch {
	case errors.As(err, &trimmed):
		s.end(reply, codec.StatusTrimmed, codec.HeaderFirst, trimmed.first)
	case errors.Is(err, nats.ErrMaxPayload):
		s.refuse(reply, 413, fmt.Sprintf("slot %d holds a value that is larger than this learner's broker takes: "+
			"raise its max_payload", a.next))
	default:
		s.refuse(reply, 503, err.Error())
	}
}

// run returns what is known from slot on: from memory, or as a page of an acceptor's; nothing beyond what was
// learned.
func (a *readAnswer) run(ctx context.Context, slot paxos.Slot) (paxos.Run, error) {
	memory := a.service.face.memory
	if run := memory.at(slot); !run.IsEmpty() {
		return run, nil
	}
	if kept := memory.span(); slot > max(kept.Last, a.service.learner.Status().Learned) {
		return paxos.Run{}, nil
	}
	return a.pull.page(ctx, slot)
}
