package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// readAtOnce is how many slots are asked for at a time; learners send fewer where values are large.
const readAtOnce = 2000

const (
	firstReadWait   = 10 * time.Millisecond
	longestReadWait = time.Second
)

// waitUntil is when it is time to ask.
func (f *following) waitUntil() time.Time {
	if f.isAsking {
		return f.heard.Add(f.silence)
	}
	return f.askAt
}

// ask asks whichever learner gets it for what comes next.
func (f *following) ask() {
	f.heard = time.Now()
	f.asked++
	f.isAsking, f.got = true, f.next
	request, err := json.Marshal(struct {
		From paxos.Slot `json:"from"`
		Max  int        `json:"max"`
	}{f.next, readAtOnce})
	if err == nil && f.client.conn.IsConnected() {
		err = f.client.conn.PublishRequest(f.client.subjects.Read(), f.reply(), request)
	} else if err == nil {
		err = errNotConnected
	}
	if err != nil {
		f.inVain(err)
	}
}

// reply is where the last request is answered.
func (f *following) reply() string { return f.inbox + strconv.FormatUint(f.asked, 10) }

// inVain notes that a request brought nothing, and why.
func (f *following) inVain(cause error) {
	f.isAsking, f.cause = false, cause
	f.pause = min(max(2*f.pause, firstReadWait), longestReadWait)
	f.askAt = later(time.Now(), f.pause)
}

// fromRead takes the next entry off the answers to reads, if they have it. One that comes after the reader
// has asked again is used all the same: many readers may make learners slower than a reader is patient.
func (f *following) fromRead() (Entry, bool, error) {
	for msg := f.read.head(); msg != nil; msg = f.read.head() {
		f.read.drop()
		isLast := f.isAsking && msg.Subject == f.reply()
		if slot, ok := slotOf(msg, f.client.log); ok {
			f.heard = time.Now()
			if slot == f.next { // whichever request it answers: values never change
				f.advance()
				return entryOf(msg, f.client.log), true, nil
			}
			if slot > f.next && isLast {
				f.inVain(nil) // what is between was lost, and comes no more
			}
			continue
		}
		if !isLast {
			continue // how an answer ended that is not waited for any more
		}
		f.heard = time.Now()
		if err := f.onStatus(msg); err != nil {
			return Entry{}, false, err
		}
	}
	return Entry{}, false, nil
}

// onStatus hears how an answer ended.
func (f *following) onStatus(msg *nats.Msg) error {
	switch {
	case len(msg.Data) == 0 && msg.Header.Get("Status") == "503":
		f.inVain(fmt.Errorf("%w of log %s", ErrNoLearner, f.client.log))
	case msg.Header.Get(codec.HeaderLog) != f.client.log:
		f.inVain(fmt.Errorf("%w: %q", ErrForeignAnswer, msg.Data[:min(len(msg.Data), 200)]))
	case msg.Header.Get(codec.HeaderStatus) == codec.StatusTrimmed:
		first, ok := codec.ParseSlot(msg.Header.Get(codec.HeaderFirst))
		if ok && first > f.next {
			return ErrTrimmed{First: uint64(first)}
		}
		f.inVain(nil)
	case msg.Header.Get(codec.HeaderStatus) == codec.StatusError:
		return f.onError(msg)
	default:
		f.onEnd(msg)
	}
	return nil
}

// onEnd hears that an answer is complete. Where it brought nothing the log ends here, unless the feed is
// ahead (the learner that answered lags behind the one that publishes), or what it brought was lost.
func (f *following) onEnd(msg *nats.Msg) {
	f.isAsking, f.cause = false, nil
	f.silence = max(f.silence/2, leastSilence)
	f.forgetFarFeed()
	next, _ := codec.ParseSlot(msg.Header.Get(codec.HeaderNext))
	switch {
	case f.next > f.got:
		f.askAt = time.Now()
	case f.feed.head() != nil || next > f.next:
		f.inVain(nil)
	default:
		f.askAt = time.Now().Add(pollEvery)
	}
}

// forgetFarFeed drops what waits of the feed where it is far ahead. It is read again when it is due, and one
// absurd slot on the feed must not keep a reader from hearing it.
func (f *following) forgetFarFeed() {
	if msg := f.feed.head(); msg != nil {
		if slot, ok := slotOf(msg, f.client.log); ok && slot > f.next+readAtOnce {
			f.feed.drop()
		}
	}
}

func (f *following) onError(msg *nats.Msg) error {
	why := errors.New(strings.TrimSpace(msg.Header.Get("Nats-Service-Error")))
	if msg.Header.Get("Nats-Service-Error-Code") == "400" {
		return fmt.Errorf("%w: %w", ErrBadRequest, why)
	}
	f.inVain(fmt.Errorf("a learner could not answer a read: %w", why))
	return nil
}
