package client_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/synod-log/synod/client"
)

func ExampleClient_Propose() {
	conn, stop := startLog() // stands for nats.Connect
	defer stop()
	log, err := client.New(conn, "main", client.Options{})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for range 2 { // the second time it is known
		outcome, err := log.Propose(ctx, client.Proposal{Value: []byte("tea"), ID: "order-17"})
		switch {
		case errors.Is(err, client.ErrOutcomeUnknown):
			fmt.Println("not acknowledged, may yet be chosen; repeat with the same id")
		case err != nil:
			fmt.Println("will never be chosen:", err)
		default:
			fmt.Println(outcome.Slot, outcome.Duplicate)
		}
	}
	// Output:
	// 1 false
	// 1 true
}

func ExampleClient_ProposeAll() {
	conn, stop := startLog()
	defer stop()
	log, err := client.New(conn, "main", client.Options{})
	if err != nil {
		panic(err)
	}
	outcomes, err := log.ProposeAll(context.Background(), []client.Proposal{
		{Value: []byte("red")}, {Value: []byte("green")}, {Value: []byte("blue")},
	})
	fmt.Println(outcomes, err)
	// Output: [{1 false} {2 false} {3 false}] <nil>
}

func ExampleClient_Go() {
	conn, stop := startLog()
	defer stop()
	log, err := client.New(conn, "main", client.Options{Window: 100})
	if err != nil {
		panic(err)
	}
	var onTheirWay []*client.Pending
	for i := range 1000 { // no more than a hundred are on their way
		pending, err := log.Go(context.Background(), client.Proposal{Value: fmt.Append(nil, i)})
		if err != nil {
			panic(err)
		}
		onTheirWay = append(onTheirWay, pending)
	}
	chosen := 0
	for _, pending := range onTheirWay {
		if _, err := pending.Result(); err == nil {
			chosen++
		}
	}
	fmt.Println(chosen, "are on disk on a majority")
	// Output: 1000 are on disk on a majority
}

func ExampleClient_Entries() {
	conn, stop := startLog()
	defer stop()
	log, err := client.New(conn, "main", client.Options{})
	if err != nil {
		panic(err)
	}
	for _, value := range []string{"red", "green", "blue"} {
		if _, err := log.Propose(context.Background(), client.Proposal{Value: []byte(value)}); err != nil {
			panic(err)
		}
	}
	for entry, err := range log.Entries(context.Background(), 2) {
		if err != nil {
			panic(err)
		}
		fmt.Println(entry.Slot, string(entry.Value))
		if entry.Slot == 3 {
			break // it would wait for more
		}
	}
	// Output:
	// 2 green
	// 3 blue
}
