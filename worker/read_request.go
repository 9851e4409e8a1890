package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/synod-log/synod/paxos"
)

const (
	// readRequestBytes is how long a request to read may be.
	readRequestBytes = 1 << 10
	// usualRead is how many slots are read where the request does not say, and mostRead the most it may.
	usualRead = 500
	mostRead  = 10000
)

// readRequest asks for slots from a first on.
type readRequest struct {
	from  paxos.Slot
	most  int
	reply string
	heard time.Time
}

// parseRead reads {"from":1,"max":500}; max may be left out.
func parseRead(data []byte) (readRequest, error) {
	const form = `want {"from":1,"max":500}`
	if len(data) > readRequestBytes {
		return readRequest{}, fmt.Errorf("the request has %d bytes; at most %d are allowed; "+form,
			len(data), readRequestBytes)
	}
	body := struct {
		From *uint64 `json:"from"`
		Max  *uint64 `json:"max"`
	}{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&body)
	if errors.Is(err, io.EOF) {
		return readRequest{}, errors.New("the request is empty; " + form)
	}
	if err == nil && decoder.More() {
		err = errors.New("something follows the object")
	}
	switch {
	case err != nil:
		return readRequest{}, fmt.Errorf("the request cannot be read: %w; "+form, err)
	case body.From == nil:
		return readRequest{}, errors.New("from is missing; " + form)
	case *body.From == 0 || *body.From > uint64(paxos.MaxSlot)-mostRead:
		return readRequest{}, fmt.Errorf("from is %d, which is no slot: they begin at 1", *body.From)
	case body.Max != nil && (*body.Max == 0 || *body.Max > mostRead):
		return readRequest{}, fmt.Errorf("max is %d; it may be from 1 to %d", *body.Max, mostRead)
	}
	request := readRequest{from: paxos.Slot(*body.From), most: usualRead}
	if body.Max != nil {
		request.most = int(*body.Max)
	}
	return request, nil
}
