package member

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"

	"github.com/hashicorp/raft"
)

// The front is how clients in other processes reach a Raft leader, which the library leaves to its user: on
// a connection values go one way, each after its length, and one byte for each, in the same order, the other.
const (
	Acknowledged byte = 1
	Refused      byte = 0

	// frontWindow is how many values of one connection may wait for their answer.
	frontWindow = 64 << 10
	// frontBuffer is as large as the client library's of NATS.
	frontBuffer = 32 << 10
	// LargestValue is in bytes.
	LargestValue = 1 << 20
)

func serveFront(address string, node *raft.Raft) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		waiting := make(chan raft.ApplyFuture, frontWindow)
		go answer(conn, waiting)
		go take(conn, node, waiting)
	}
}

// take applies what comes on a connection, without waiting for it.
func take(conn net.Conn, node *raft.Raft, waiting chan<- raft.ApplyFuture) {
	defer close(waiting)
	reader := bufio.NewReaderSize(conn, frontBuffer)
	for {
		value, err := ReadValue(reader)
		if err != nil {
			return
		}
		waiting <- node.Apply(value, 0)
	}
}

// answer answers each value once it is applied, and many at once where many are. It takes all futures, also
// those of a connection that is gone.
func answer(conn net.Conn, waiting <-chan raft.ApplyFuture) {
	defer conn.Close()
	writer := bufio.NewWriterSize(conn, frontBuffer) // keeps its first error
	for future := range waiting {
		word := Acknowledged
		if future.Error() != nil {
			word = Refused
		}
		_ = writer.WriteByte(word)
		if len(waiting) == 0 {
			_ = writer.Flush()
		}
	}
}

// ReadValue reads one value off a connection of a front.
func ReadValue(reader *bufio.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(reader, head[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length > LargestValue {
		return nil, errors.New("front: a value is too large")
	}
	value := make([]byte, length)
	_, err := io.ReadFull(reader, value)
	return value, err
}

// WriteValue writes one value on a connection of a front.
func WriteValue(writer *bufio.Writer, value []byte) error {
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(value)))
	if _, err := writer.Write(head[:]); err != nil {
		return err
	}
	_, err := writer.Write(value)
	return err
}
