package workload

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// giveUpAfter is how long a value is awaited under overload: what JetStream's client has by default.
	giveUpAfter = 5 * time.Second

	// sharedFor is how long a schedule gives what it begins the same context: one each costs a timer each.
	sharedFor = 100 * time.Millisecond
)

// ErrRefused is what a client's error is where the contestant said that it does not take the value now.
var ErrRefused = errors.New("refused")

// Overload offers load.Rate values a second, each another, whatever became of those before, and returns when
// something has become of all. Each client has a share of the rate.
//
// How many values are on their way is bounded by what the client's library bounds: where a Pipeliner waits for
// room, values begin late, and those whose turn does not come before the end are held back. A client that
// bounds nothing begins all in time. None is awaited for longer than giveUpAfter.
func Overload(ctx context.Context, load Load, clients []Client) *Offered {
	o := newOffered(load)
	began := time.Now()
	o.end = began.Add(load.For)
	var wait sync.WaitGroup
	for i, client := range clients {
		wait.Go(func() { o.offer(ctx, client, began, i, len(clients)) })
	}
	wait.Wait()
	return o
}

// Offered is the values of an overload, and what became of each.
type Offered struct {
	load   Load
	end    time.Time // no value begins after it
	mark   uint64    // that all its values begin with
	fates  []fate    // by a value's number; each is written once, by whom awaited the value
	inTime atomic.Int64
	why    sync.Map // the first error of each fate
	stored []uint8  // how often a value was read back, by its number
}

// fate is what became of a value.
type fate uint8

const (
	heldBack     fate = iota // it was never sent: the client had no room
	acknowledged             // it is to be found in the log, once
	refused                  // the contestant said that it does not take it now
	unknown                  // nothing was heard of it in time
)

func newOffered(load Load) *Offered {
	count := int(load.Rate * load.For.Seconds())
	return &Offered{load: load, mark: rand.Uint64(), fates: make([]fate, count), stored: make([]uint8, count)}
}

// offer begins each of many values when it is due, from first on, and returns when all it began have ended.
func (o *Offered) offer(ctx context.Context, client Client, began time.Time, first, step int) {
	interval := float64(time.Second) / o.load.Rate
	var waiting sync.WaitGroup
	var shared context.Context
	var sharedUntil time.Time
	var releases []context.CancelFunc
	defer func() {
		waiting.Wait()
		for _, release := range releases {
			release()
		}
	}()
	for number := first; number < len(o.fates); number += step {
		if early := time.Until(began.Add(time.Duration(float64(number) * interval))); early > 0 {
			time.Sleep(early)
		}
		now := time.Now()
		if now.After(o.end) || ctx.Err() != nil {
			return
		}
		if now.After(sharedUntil) {
			sharedUntil = now.Add(sharedFor)
			var release context.CancelFunc
			shared, release = context.WithDeadline(ctx, sharedUntil.Add(giveUpAfter))
			releases = append(releases, release)
		}
		o.begin(shared, client, number, &waiting)
	}
}

// begin hands a value over, and has it awaited.
func (o *Offered) begin(ctx context.Context, client Client, number int, waiting *sync.WaitGroup) {
	value := o.value(number)
	pipeliner, ok := client.(Pipeliner)
	if !ok {
		waiting.Go(func() { o.settle(number, client.Put(ctx, value)) })
		return
	}
	wait, err := pipeliner.Go(ctx, value)
	if err != nil {
		o.why.LoadOrStore(heldBack, err)
		return
	}
	waiting.Go(func() { o.settle(number, wait()) })
}

// settle notes what became of a value.
func (o *Offered) settle(number int, err error) {
	became := unknown
	switch {
	case err == nil:
		became = acknowledged
		if time.Now().Before(o.end) {
			o.inTime.Add(1)
		}
	case errors.Is(err, ErrRefused):
		became = refused
	}
	if err != nil {
		o.why.LoadOrStore(became, err)
	}
	o.fates[number] = became
}

// ownBytes is how many bytes of a value tell it from all others.
const ownBytes = 16

// value makes a value of its own for each number.
func (o *Offered) value(number int) []byte {
	value := make([]byte, max(o.load.Bytes, ownBytes))
	binary.BigEndian.PutUint64(value, o.mark)
	binary.BigEndian.PutUint64(value[8:], uint64(number))
	return value
}

// See is told each value that is in the log. It belongs to one goroutine.
func (o *Offered) See(value []byte) {
	if len(value) < ownBytes || binary.BigEndian.Uint64(value) != o.mark {
		return // it was there before
	}
	number := binary.BigEndian.Uint64(value[8:])
	if number < uint64(len(o.stored)) && o.stored[number] < 2 {
		o.stored[number]++
	}
}

// Fates counts what became of the values that were offered, and what was seen of them afterwards.
type Fates struct {
	Offered, Acknowledged, Refused, Unknown, HeldBack int

	Lost     int // acknowledged, and never seen
	Repeated int // acknowledged, and seen more than once
	Stored   int // refused or unknown, and seen all the same

	// Goodput is how many values were acknowledged in a second, while they were offered.
	Goodput float64
	// Errors are the first of each kind: of those refused, unknown and held back.
	Errors []error
}

// Fates are final once Overload has returned and See was told of all that is in the log.
func (o *Offered) Fates() Fates {
	f := Fates{Offered: len(o.fates), Goodput: float64(o.inTime.Load()) / o.load.For.Seconds()}
	for number, became := range o.fates {
		stored := o.stored[number]
		switch became {
		case heldBack:
			f.HeldBack++
		case acknowledged:
			f.Acknowledged++
			if stored == 0 {
				f.Lost++
			} else if stored > 1 {
				f.Repeated++
			}
			continue
		case refused:
			f.Refused++
		case unknown:
			f.Unknown++
		}
		if stored > 0 {
			f.Stored++
		}
	}
	for _, became := range []fate{refused, unknown, heldBack} {
		if err, ok := o.why.Load(became); ok {
			f.Errors = append(f.Errors, err.(error))
		}
	}
	return f
}
