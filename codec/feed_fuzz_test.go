package codec

import (
	"fmt"
	"testing"

	"github.com/synod-log/synod/paxos"
)

func FuzzParseSlot(f *testing.F) {
	for _, seed := range []string{"1", "42", "", "0", "-1", "+1", "01", "1 ", "1e3", "4611686018427387904",
		"4611686018427387905", "18446744073709551616", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		slot, ok := ParseSlot(text)
		if !ok {
			return
		}
		if slot < 1 || slot > paxos.MaxSlot || fmt.Sprint(slot) != text {
			t.Errorf("%q is read as slot %d", text, slot)
		}
	})
}
