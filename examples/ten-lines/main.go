// Ten lines that propose a value to a running log and follow it from its beginning:
//
//	synod dev
//	go run ./examples/ten-lines
package main

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/client"
)

func main() {
	conn := must(nats.Connect(nats.DefaultURL))
	log := must(client.New(conn, "main", client.Options{}))
	outcome := must(log.Propose(context.Background(), client.Proposal{Value: []byte("hello")}))
	fmt.Println("on disk on a majority, in slot", outcome.Slot)
	for entry, err := range log.Entries(context.Background(), 1) {
		fmt.Println(entry.Slot, string(must(entry.Value, err)))
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
