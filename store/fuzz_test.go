package store_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/memfs"
)

// FuzzAnyBytesAsASegment opens stores made of any bytes. With isForged, they are given a right header
// and, frame by frame, right checksums, so that what is behind these is reached too.
func FuzzAnyBytesAsASegment(f *testing.F) {
	fs := &memfs.FS{}
	s, _ := mustOpen(f, options(fs))
	mustSave(f, s, script()[3]...)
	mustSave(f, s, script()[1]...)
	mustSave(f, s, settled(2), promised(4))
	whole := fs.Bytes(dir, "00000001.segment")
	f.Add(whole, false)
	f.Add(whole[store.HeaderBytes:], true)
	f.Add(whole[:store.HeaderBytes], false)
	f.Add([]byte{}, true)
	id := options(nil).NewID()

	f.Fuzz(func(t *testing.T, data []byte, isForged bool) {
		if isForged {
			data = forge(id, data)
		}
		disk := &memfs.FS{}
		disk.Put(dir, "00000001.segment", data)
		s, restored, err := open(options(disk))
		if err != nil {
			if !isTyped(err) {
				t.Fatalf("an error that says nothing: %v", err)
			}
			if string(disk.Bytes(dir, "00000001.segment")) != string(data) {
				t.Fatal("a refused store was changed")
			}
			return
		}
		// What is opened can be read, if it is what an acceptor could have saved, and goes on.
		if run, err := s.Read(1, 100, 1000, false); err != nil && !isRefusal(err) {
			t.Fatalf("reading %v: %v", run.Span(), err)
		}
		mustSave(t, s, promised(5))
		restored.add(promised(5))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		checkHas(t, disk.Crash(0), restored, "opened again")
	})
}

// forge puts data behind a header, as frames with right checksums as far as their lengths allow.
func forge(id paxos.StoreID, data []byte) []byte {
	size := (store.HeaderBytes + len(data) + 7) &^ 7
	forged := make([]byte, size)
	copy(forged, store.EncodeHeader("main", "a1", id, 1, int64(size)))
	copy(forged[store.HeaderBytes:], data)
	for at := store.HeaderBytes; at+store.FrameBytes <= size; {
		length := int(binary.LittleEndian.Uint32(forged[at:]))
		whole := (store.FrameBytes + length + 7) &^ 7
		if whole > size-at {
			break
		}
		store.Reseal(forged[at:at+whole], id, 1, int64(at))
		at += whole
	}
	return forged
}

func isTyped(err error) bool {
	var format *store.FormatError
	var identity *store.IdentityError
	return isRefusal(err) || errors.As(err, &format) || errors.As(err, &identity)
}
