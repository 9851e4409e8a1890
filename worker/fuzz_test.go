package worker

import (
	"fmt"
	"testing"

	"github.com/synod-log/synod/paxos"
)

func FuzzReadRequest(f *testing.F) {
	for _, seed := range []string{
		`{"from":1,"max":500}`, `{"from":7}`, ``, `{`, `null`, `[]`, `{"from":0}`, `{"from":-1}`, `{"from":1.5}`,
		`{"from":18446744073709551615}`, `{"from":1,"max":0}`, `{"from":1,"max":99999999}`, `{"From":1}`,
		`{"from":1,"to":2}`, `{"from":1}{"from":2}`, `{"from":"1"}`, `{"from":1,"from":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		request, err := parseRead(data)
		if err != nil {
			if request != (readRequest{}) || err.Error() == "" {
				t.Errorf("%q is refused with %v, and yet read as %+v", data, err, request)
			}
			return
		}
		if request.from < 1 || request.from > paxos.MaxSlot-mostRead || request.most < 1 || request.most > mostRead {
			t.Errorf("%q is read as %+v, which is out of bounds", data, request)
		}
		again, err := parseRead(fmt.Appendf(nil, `{"from":%d,"max":%d}`, request.from, request.most))
		if err != nil || again != request {
			t.Errorf("%q is read as %+v, and what it says as %+v (%v)", data, request, again, err)
		}
	})
}
