package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/synod-log/synod/client"
)

// benchReadReport is a measurement of reading as JSON. Its names are a promise to whoever parses them.
type benchReadReport struct {
	Conditions string  `json:"conditions"` // in words
	Log        string  `json:"log"`
	From       uint64  `json:"from"`
	Through    uint64  `json:"through"` // the last slot read; 0: none
	Values     int64   `json:"values"`
	Noops      int64   `json:"noops"` // slots that hold nothing
	Bytes      int64   `json:"bytes"` // of all values
	Seconds    float64 `json:"seconds"`
	PerSecond  float64 `json:"values_per_s"`
	BytesPerS  float64 `json:"bytes_per_s"`

	took time.Duration
}

// errSilent ends a reading that gets nowhere.
var errSilent = errors.New("nothing came")

// read reads to a slot, until ctx ends, or until nothing has come for as long as silence.
func (r *benchReadReport) read(
	ctx context.Context, from *client.Client, through uint64, silence time.Duration, progress *benchProgress,
) error {
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go watchSilence(watched, silence, progress, func() { cancel(errSilent) })
	began := time.Now()
	var failed error
	for entry, err := range from.Entries(watched, r.From) {
		if err != nil {
			failed = err
			break
		}
		r.count(entry)
		progress.add(1)
		if entry.Slot >= through {
			break
		}
	}
	r.took = time.Since(began)
	r.Seconds = r.took.Seconds()
	r.PerSecond, r.BytesPerS = perSecond(r.Values, r.took), perSecond(r.Bytes, r.took)
	return r.explain(ctx, watched, failed, through, silence)
}

// watchSilence calls when no slot has come for as long as silence, or up to twice that.
func watchSilence(ctx context.Context, silence time.Duration, progress *benchProgress, call func()) {
	for before := int64(-1); ; {
		rest(ctx, silence)
		now := progress.done.Load()
		if ctx.Err() != nil {
			return
		}
		if now == before {
			call()
			return
		}
		before = now
	}
}

func (r *benchReadReport) count(entry client.Entry) {
	r.Through = entry.Slot
	if entry.Noop {
		r.Noops++
		return
	}
	r.Values++
	r.Bytes += int64(len(entry.Value))
}

// explain says why a reading did not come to its end; nil where it did, or was told to stop.
func (r *benchReadReport) explain(
	ctx, watched context.Context, failed error, through uint64, silence time.Duration,
) error {
	switch {
	case failed == nil, ctx.Err() != nil:
		return nil
	case errors.Is(context.Cause(watched), errSilent):
		return unknown{fmt.Errorf("nothing came for %v after slot %d, and the end is at %d; "+
			"`synod status --log %s` tells how the log is", silence, r.Through, through, r.Log)}
	}
	return unknown{fmt.Errorf("read through slot %d of %d: %w", r.Through, through, failed)}
}

// text is the result for people.
func (r *benchReadReport) text(s screen) string {
	noops := ""
	if r.Noops > 0 {
		noops = fmt.Sprintf("%s without a value\n", countOf(r.Noops, "slot"))
	}
	return fmt.Sprintf("%s read in %s   %s\n%s", s.bold(countOf(r.Values, "value")), tookText(r.took),
		s.bold(rateText(r.Values, r.Bytes, r.took)), noops)
}
