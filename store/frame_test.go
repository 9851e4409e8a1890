package store

import (
	"bytes"
	"testing"

	"github.com/synod-log/synod/paxos"
)

func TestAFrameIsNoneAnywhereElse(t *testing.T) {
	id, payload := paxos.StoreID{1}, []byte("a record")
	data := append(make([]byte, frameBytes), payload...)
	seal := newSeal(id, 3)
	seal.close(data, frame{at: 4096, sequence: 7, batch: 2, count: 1, payload: payload})

	f, ok := seal.open(data, 4096)
	if !ok || f.sequence != 7 || f.batch != 2 || !bytes.Equal(f.payload, payload) ||
		f.end != 4096+int64(len(data)) {
		t.Fatalf("got %+v, %v", f, ok)
	}
	if _, ok := seal.open(data, 4104); ok {
		t.Error("it is a frame at another place")
	}
	if _, ok := newSeal(id, 4).open(data, 4096); ok {
		t.Error("it is a frame of another segment")
	}
	if _, ok := newSeal(paxos.StoreID{2}, 3).open(data, 4096); ok {
		t.Error("it is a frame of another store")
	}
	for bit := range len(data) * 8 {
		data[bit/8] ^= 1 << (bit % 8)
		if _, ok := seal.open(data, 4096); ok {
			t.Errorf("it is a frame with bit %d of byte %d changed", bit%8, bit/8)
		}
		data[bit/8] ^= 1 << (bit % 8)
	}
	for length := range data {
		if _, ok := seal.open(data[:length], 4096); ok {
			t.Errorf("it is a frame when cut to %d bytes", length)
		}
	}
}
