package codec

import "encoding/binary"

// The first bytes of the msgpack types in use. Nil, floats, maps, extensions and negative integers are
// never written and always refused.
const (
	fixArray = 0x90 // or'ed with a length below 16
	fixText  = 0xa0 // or'ed with a length below 32
	isFalse  = 0xc2
	isTrue   = 0xc3
	bin8     = 0xc4
	bin16    = 0xc5
	bin32    = 0xc6
	uint8s   = 0xcc
	uint16s  = 0xcd
	uint32s  = 0xce
	uint64s  = 0xcf
	text8    = 0xd9
	text16   = 0xda
	text32   = 0xdb
	array16  = 0xdc
	array32  = 0xdd
)

// appendUint appends n in its shortest form.
func appendUint[T ~uint64](to []byte, n T) []byte {
	switch {
	case n < 1<<7:
		return append(to, byte(n))
	case n < 1<<8:
		return append(to, uint8s, byte(n))
	case n < 1<<16:
		return append(to, uint16s, byte(n>>8), byte(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(to, uint32s), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(to, uint64s), uint64(n))
}

func appendBool(to []byte, claim bool) []byte {
	if claim {
		return append(to, isTrue)
	}
	return append(to, isFalse)
}

// appendArray appends the head of an array.
func appendArray(to []byte, length int) []byte {
	switch {
	case length < 16:
		return append(to, fixArray|byte(length))
	case length < 1<<16:
		return append(to, array16, byte(length>>8), byte(length))
	}
	return binary.BigEndian.AppendUint32(append(to, array32), uint32(length))
}

// appendBin appends a byte string. One of a nil slice is empty, never msgpack's nil.
func appendBin[T string | []byte](to []byte, bytes T) []byte {
	switch n := len(bytes); {
	case n < 1<<8:
		to = append(to, bin8, byte(n))
	case n < 1<<16:
		to = append(to, bin16, byte(n>>8), byte(n))
	default:
		to = binary.BigEndian.AppendUint32(append(to, bin32), uint32(n))
	}
	return append(to, bytes...)
}

// appendText appends a string of UTF-8.
func appendText(to []byte, text string) []byte {
	switch n := len(text); {
	case n < 32:
		to = append(to, fixText|byte(n))
	case n < 1<<8:
		to = append(to, text8, byte(n))
	case n < 1<<16:
		to = append(to, text16, byte(n>>8), byte(n))
	default:
		to = binary.BigEndian.AppendUint32(append(to, text32), uint32(n))
	}
	return append(to, text...)
}
