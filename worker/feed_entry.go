package worker

import (
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// entryWriter makes the messages that show values to the world. It serves one goroutine: the message is
// valid until the next is made, which is enough for nats.go, which copies what it publishes.
type entryWriter struct {
	plain   nats.Msg // of values without headers of their own
	log     []string
	slot    []string
	time    []string
	scratch []byte
}

func newEntryWriter(log string) *entryWriter {
	w := &entryWriter{log: []string{log}, slot: make([]string, 1), time: make([]string, 1)}
	w.plain.Header = nats.Header{codec.HeaderLog: w.log, codec.HeaderSlot: w.slot, codec.HeaderTime: w.time}
	return w
}

// message is a slot and its value for a subject.
func (w *entryWriter) message(subject string, slot paxos.Slot, value *paxos.Value) *nats.Msg {
	w.scratch = strconv.AppendUint(w.scratch[:0], uint64(slot), 10)
	w.slot[0] = string(w.scratch)
	if value.Kind == paxos.KindNoop {
		return &nats.Msg{Subject: subject, Header: nats.Header{
			codec.HeaderLog: w.log, codec.HeaderSlot: w.slot, codec.HeaderKind: {codec.KindNoop},
		}}
	}
	w.scratch = time.UnixMicro(value.Time).UTC().AppendFormat(w.scratch[:0], codec.TimeFormat)
	w.time[0] = string(w.scratch)
	if len(value.Headers) == 0 {
		w.plain.Subject, w.plain.Data = subject, value.Data
		return &w.plain
	}
	msg := &nats.Msg{Subject: subject, Data: value.Data, Header: make(nats.Header, 3+len(value.Headers))}
	for _, own := range value.Headers {
		if codec.IsOwnHeader(own.Name) { // one that is not could pass for ours
			msg.Header[own.Name] = append(msg.Header[own.Name], own.Value)
		}
	}
	msg.Header[codec.HeaderLog] = w.log
	msg.Header[codec.HeaderSlot] = w.slot
	msg.Header[codec.HeaderTime] = w.time
	return msg
}
