// Package codec turns messages and records into bytes, and back, and builds and reads the subjects that
// they travel on. Nothing but this package knows the wire.
//
// # The wire
//
// Messages between workers are msgpack: an array of a version, a kind, the membership's tag and the
// fields of that kind. This is all there is to know about it in another language; testdata/wire.golden
// has a message of each kind, as fields and as bytes.
//
//	message   [1, kind, tag, fields…]
//
//	kind               fields
//	 1  prepare        ballot, first
//	 2  promise        ballot, boot, sequence, settled, first, last, [proposal…]
//	 4  accepted       ballot, boot, sequence, span
//	 5  preempted      ballot, by (a ballot)
//	 6  stop           ballot
//	 7  pull           first, ids only (bool)
//	 8  settled        through, trimmed, ids only (bool), run
//	 9  hello          process (bin 8), [heard…], ballot or [], leading (bool), feeding (bool),
//	                   position, highest, acceptor or []
//	10  propose        instance (bin 8, or bin 0 where no answer is wanted), number, [value…]
//	12  chosen         ballot, through
//	13  outcomes       [outcome…]
//	14  accept         ballot, chosen, [reached… at most 31], run
//
//	part               is
//	tag                bin 8; eight zero bytes where there is none
//	ballot             [round, proposer (id), start (bin 8)]
//	run                two fields: first, [value…]; first is 1 or more where there are values
//	span               two fields: first, last; both 0 where it is empty
//	proposal           [ballot, run]: three elements, since a run is two; not empty
//	value              [0, time]: a no-op
//	                   [1, time, value id, data (bin)]
//	                   [1, time, value id, data (bin), [header…]] where it has headers
//	time               bin 8: microseconds since 1970, signed, big-endian
//	value id           bin 17: 1 (a client's) or 2 (a reply's), then the id; or bin 0: none
//	header             [name (str, a token of HTTP), value (bin)]
//	heard              [acceptor (id), store (bin 16), boot, process (bin 8), sequence]
//	reached            [boot, sequence]; boot 0: nothing was heard of this member
//	acceptor           [store (bin 16), boot, sequence, [began… at most 8], [founder (id)… at most 31],
//	                   membership or [], free (bool)]
//	membership         [epoch, [member… 1 to 31, sorted by id, no id twice]]
//	member             [id, store (bin 16)]
//	outcome            [number, more, code, slot, duplicate (bool), why (str), retry]; it answers this
//	                   number and as many more (at most 65,536), chosen in slot and those that follow;
//	                   slot is 0 unless code is 200; retry is in how many ticks of 10 ms to come back (at
//	                   most 65,536), 0 where that is not known, or code is 200
//	id                 str that matches ^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$
//	all others         unsigned integers of at most 2^62; slots count from 1, and 0 is none
//
// What an acceptor stores has no tag: its header names the store.
//
//	record   [1, kind, fields…]
//
//	kind               fields
//	 1  boot           boot, began
//	 2  adopted        epoch, [member…]
//	 3  free
//	 4  promised       ballot
//	 5  accepted       ballot, run, not empty
//	 6  settled        through
//	 7  repaired       run, not empty
//
// # One form
//
// Everything has one encoding, the shortest, and no other is read: what decodes without an error encodes
// to the same bytes. There is no nil, negative number, float, map or extension, no field too few or too
// many, and no byte after the end. Kinds and versions that are not known are refused: a field can be
// added only with a new kind or a new version. Numbers of kinds are never used again: 11 was outcomes
// without retry.
//
// Byte strings that are compared or drawn at random are bin, never integers, which some languages round
// above 2^53. A time is one as well, for another reason: it makes the smallest value twelve bytes, and so
// bounds the memory that a message of small values takes.
//
// # Who writes and who reads
//
// Hellos and the records of an acceptor's beginnings are written by the msgpack library; everything that
// is written once per run or vote is appended by hand, in nanoseconds instead of microseconds. The tests
// hold both to the same bytes. The library never reads what comes from the network: five bytes can make
// it allocate a gigabyte.
//
// The parser of this package reads a known shape from front to back. Byte strings that it returns are
// parts of its input, which must not be written to afterwards, so that a value is not copied between the
// network and the disk. It allocates in proportion to its input, whatever that announces.
//
// # Subjects
//
// Subjects builds and reads subjects, and is the one place that knows who may use which. A message's
// sender is what its subject says, never its body.
package codec
