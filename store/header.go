package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/synod-log/synod/paxos"
)

const (
	magic         = "synodlog"
	formatVersion = 1

	// headerBytes is the size of a segment's header: a block of its own, so that no write of frames
	// ever touches it.
	headerBytes = 4096

	// maxName is how long a name in a header may be, in bytes.
	maxName = 255
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is the first block of a segment: whose it is, and what the log came to before it.
type header struct {
	log, acceptor string
	store         paxos.StoreID
	number        uint64 // of the segment, from 1
	size          int64  // of the file, so that one cut short is known
	base          standing
}

// standing is what the log comes to at one place of it, as far as the store must know.
type standing struct {
	sequence uint64 // of the last record
	batch    uint64 // the last one
	promised paxos.Ballot
	settled  paxos.Slot
}

// Offsets of the header's fields. Magic, version and checksum stay where they are in every format.
const (
	atVersion  = 8
	atNumber   = 16
	atSize     = 24
	atStore    = 32
	atSequence = 48
	atBatch    = 56
	atSettled  = 64
	atRound    = 72
	atStart    = 80
	atProposer = 88
	atLog      = atProposer + 1 + maxName
	atAcceptor = atLog + 1 + maxName
	atChecksum = headerBytes - 4
)

// encode returns the block that h is on disk.
func (h header) encode() ([]byte, error) {
	block := make([]byte, headerBytes)
	copy(block, magic)
	little := binary.LittleEndian
	little.PutUint32(block[atVersion:], formatVersion)
	little.PutUint64(block[atNumber:], h.number)
	little.PutUint64(block[atSize:], uint64(h.size))
	copy(block[atStore:], h.store[:])
	little.PutUint64(block[atSequence:], h.base.sequence)
	little.PutUint64(block[atBatch:], h.base.batch)
	little.PutUint64(block[atSettled:], uint64(h.base.settled))
	little.PutUint64(block[atRound:], h.base.promised.Round)
	copy(block[atStart:], h.base.promised.Start[:])
	for at, name := range map[int]string{
		atProposer: h.base.promised.Proposer, atLog: h.log, atAcceptor: h.acceptor,
	} {
		if len(name) > maxName {
			return nil, fmt.Errorf("name %.16q… is longer than %d bytes", name, maxName)
		}
		block[at] = byte(len(name))
		copy(block[at+1:], name)
	}
	little.PutUint32(block[atChecksum:], crc32.Checksum(block[:atChecksum], castagnoli))
	return block, nil
}

// decodeHeader reads the header at the start of the named file's data. The checksum is judged before
// the version, so that a changed bit is not taken for a newer format.
func decodeHeader(file string, data []byte) (header, error) {
	if len(data) < headerBytes {
		return header{}, damaged(file, int64(len(data)), "the file ends within its header")
	}
	block := data[:headerBytes]
	little := binary.LittleEndian
	if string(block[:len(magic)]) != magic ||
		little.Uint32(block[atChecksum:]) != crc32.Checksum(block[:atChecksum], castagnoli) {
		return header{}, damaged(file, 0, "this is not the header of a segment, or it has changed")
	}
	if version := little.Uint32(block[atVersion:]); version > formatVersion {
		return header{}, &FormatError{File: file, Version: version}
	}
	h := header{
		log:      nameAt(block, atLog),
		acceptor: nameAt(block, atAcceptor),
		store:    paxos.StoreID(block[atStore:atSequence]),
		number:   little.Uint64(block[atNumber:]),
		size:     int64(little.Uint64(block[atSize:])),
		base: standing{
			sequence: little.Uint64(block[atSequence:]),
			batch:    little.Uint64(block[atBatch:]),
			settled:  paxos.Slot(little.Uint64(block[atSettled:])),
			promised: paxos.Ballot{
				Round:    little.Uint64(block[atRound:]),
				Proposer: nameAt(block, atProposer),
				Start:    paxos.Nonce(block[atStart:atProposer]),
			},
		},
	}
	if again, err := h.encode(); err != nil || !bytes.Equal(again, block) {
		return header{}, damaged(file, 0, "the header has something in it that this format has not")
	}
	return h, nil
}

func nameAt(block []byte, at int) string {
	return string(block[at+1 : at+1+int(block[at])])
}
