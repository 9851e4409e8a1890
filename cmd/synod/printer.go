package main

import (
	"bufio"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/synod-log/synod/paxos"
)

// The formats that values are printed in.
const (
	formatJSON = "json" // a line for each slot
	formatRaw  = "raw"  // a value's bytes and a newline; nothing for a no-op
)

// printer writes the values of a log.
type printer struct {
	out    *bufio.Writer
	json   *json.Encoder
	format string
}

func newPrinter(to io.Writer, format string) *printer {
	out := bufio.NewWriterSize(to, 64<<10)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return &printer{out: out, json: encoder, format: format}
}

// line is a slot as JSON. Its names are a promise to whoever parses them.
type line struct {
	Slot    paxos.Slot        `json:"slot"`
	Noop    bool              `json:"noop,omitempty"`
	Value   *string           `json:"value,omitempty"`
	Base64  []byte            `json:"value_base64,omitempty"` // in place of a value that is not UTF-8
	Headers map[string]string `json:"headers,omitempty"`
	Time    string            `json:"time,omitempty"` // when it was first proposed, by that clock
}

// print writes a run, and returns once it has left the process.
func (p *printer) print(run paxos.Run) error {
	for i, value := range run.Values {
		if err := p.write(run.First+paxos.Slot(i), value); err != nil {
			return err
		}
	}
	return p.out.Flush()
}

func (p *printer) write(slot paxos.Slot, value paxos.Value) error {
	if p.format == formatJSON {
		return p.json.Encode(lineOf(slot, value))
	}
	if value.Kind == paxos.KindNoop {
		return nil
	}
	if _, err := p.out.Write(value.Data); err != nil {
		return err
	}
	return p.out.WriteByte('\n')
}

func lineOf(slot paxos.Slot, value paxos.Value) line {
	if value.Kind == paxos.KindNoop {
		return line{Slot: slot, Noop: true}
	}
	l := line{Slot: slot, Time: time.UnixMicro(value.Time).UTC().Format(time.RFC3339Nano)}
	if utf8.Valid(value.Data) {
		text := string(value.Data)
		l.Value = &text
	} else {
		l.Base64 = value.Data
	}
	for _, header := range value.Headers {
		if l.Headers == nil {
			l.Headers = make(map[string]string)
		}
		l.Headers[header.Name] = header.Value
	}
	return l
}
