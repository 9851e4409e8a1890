// Package store is an acceptor's memory: a log of records on disk, each durable once Save has returned.
//
// A store is a directory:
//
//	lock                locked while a process uses the store; empty
//	00000001.segment    segments, numbered from 1, none missing
//	00000002.segment
//	00000003.next       the segment to come, being filled with zeros; never read
//
// A segment is a header, frames one after another, and zeros. It has its size, 64 MiB or what the
// largest record needs, from the beginning. All integers are little-endian; every checksum is CRC-32C.
//
// The header is the first 4096 bytes:
//
//	offset  bytes  field
//	     0      8  "synodlog"
//	     8      4  format, 1
//	    12      4  zero
//	    16      8  number of the segment
//	    24      8  size of the file
//	    32     16  store id
//	    48      8  sequence: number of the last record before this segment
//	    56      8  batch: number of the last batch before this segment
//	    64      8  slot through which all was settled before this segment
//	    72     16  ballot promised before this segment: round, 8; start, 8
//	    88    256  its proposer: length, 1; name
//	   344    256  log: length, 1; name
//	   600    256  acceptor: length, 1; name
//	   856   3236  zero
//	  4092      4  checksum of all before it
//
// A frame begins at a multiple of 8:
//
//	offset  bytes  field
//	     0      4  length of the payload
//	     4      4  checksum, seeded with the store id, the segment's number and the frame's offset,
//	               of the length and of all that follows this field, padding included
//	     8      8  sequence: number of the record, from 1; of a mark, that of the last record
//	    16      8  batch, from 1; of a mark, the last one
//	    24      4  index of the record in its batch, from 0
//	    28      4  count of the batch's records; 0 in a mark
//	    32         payload, one record in msgpack (package codec); a mark has none
//	               zeros up to the next multiple of 8
//
// # Batches, and what a crash can do
//
// A batch is what one write brought and one sync made durable. A batch is written only when the one
// before it is synced, and no batch spans segments: records that do not fit are the next segment's
// first batch, and that segment is begun when all before is synced. So the very existence of batch n
// tells that batch n−1 is durable.
//
// Of the last batch a mark tells it: a frame without a record, at the first multiple of 512 behind the
// batch, for which a segment always has room. It is written at once when the sync has returned, and
// synced when there is nothing to save for a while (MarkSynced), or by Close. The next batch begins
// where the one before ended, and is written over the mark.
//
// Hence a crash can leave the last batch torn, and nothing else. Open finds one of three things:
//
//   - clean: whole batches, then a mark or none, then zeros;
//   - torn: whole batches, then what is left of the one after them, and nothing of any later one, nor
//     its mark. It was never acknowledged; it is discarded whole and overwritten with zeros, synced,
//     before use;
//   - damaged: anything else. A *DamagedError says where, the store does not vote, and no byte of it
//     is changed.
//
// # What cannot be told from a crash
//
// One fault at rest, be it a changed bit, a sector that is lost, old or another's, or a file cut short
// or gone, is found, or changes nothing; so the tests of this package try them all. That holds for a store
// that was closed, for one whose process was killed, and for one that lost its power a second or more
// after its last save. What remains:
//
//   - A power failure takes a mark that was not yet synced. From then until the next start, which writes it
//     again, damage to the very last batch is taken for a tear, though the batch was perhaps
//     acknowledged. Only a second sync of every batch, before its votes are sent, could tell them apart.
//   - Two faults, one in the last batch, and the other in its mark.
//   - A whole file or directory brought back as it once was.
//   - Where the next segment could not be prepared, as on a full disk: the last segment's file gone.
//
// Each is a store rolled back: it reports a lower sequence than others heard from it. The other acceptors
// and the proposers know that from its boots and sequences, count nothing of it, and it stops as soon as
// one that heard of a later vote is reachable.
//
// Sectors of 512 bytes are taken to be written whole or not at all, or, where they are torn, to keep the
// bytes that the write did not change: that is what lets frames be written behind others in one sector.
package store
