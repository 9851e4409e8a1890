package worker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
)

func TestAListOfFoundersThatCannotFoundIsRefused(t *testing.T) {
	tooMany := make([]string, paxos.MaxMembers+1)
	for i := range tooMany {
		tooMany[i] = fmt.Sprintf("a%d", i+1)
	}
	for _, c := range []struct {
		founders []string
		want     string // in the error; "" for none
	}{
		{[]string{"a1"}, ""},
		{[]string{"a3", "a1", "a2"}, ""},
		{nil, "a1 is not one of the founders"},
		{[]string{"a2", "a3"}, "a1 is not one of the founders"},
		{[]string{"a1", "a2", "a2"}, "a2 is listed twice"},
		{[]string{"a1", "a.2"}, "founder 2"},
		{tooMany, "at most 31"},
	} {
		err := checkFounders("a1", c.founders)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("founders %v: %v, want %q", c.founders, err, c.want)
		}
	}
}
