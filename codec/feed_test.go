package codec

import (
	"testing"

	"github.com/synod-log/synod/paxos"
)

func TestASlotInAHeaderHasOneForm(t *testing.T) {
	for text, want := range map[string]paxos.Slot{
		"1": 1, "42": 42, "4611686018427387904": paxos.MaxSlot,
		"": 0, "0": 0, "01": 0, "+1": 0, "-1": 0, " 1": 0, "1 ": 0, "1.0": 0, "0x1": 0, "1_0": 0, "१": 0,
		"4611686018427387905": 0, "18446744073709551617": 0,
	} {
		got, ok := ParseSlot(text)
		if ok != (want != 0) || ok && got != want {
			t.Errorf("%q is read as %d, %v; want %d", text, got, ok, want)
		}
	}
}

func TestHeadersThatSteerNATSOrSynodAreNotTheValuesOwn(t *testing.T) {
	for name, want := range map[string]bool{
		"Trace": true, "X-Order": true, "Statuses": true, "Natsy": true, "nats": true,
		"Nats-Msg-Id": false, "nATS-x": false, "SYNOD-Slot": false, "synod-": false,
		"Status": false, "STATUS": false, "description": false, "": false, "a b": false, "a:b": false,
	} {
		if got := IsOwnHeader(name); got != want {
			t.Errorf("%q is the value's own: %v, want %v", name, got, want)
		}
	}
}
