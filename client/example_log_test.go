package client_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/testenv/broker"
	"github.com/synod-log/synod/worker"
)

// startLog runs the workers of a log, and a broker, in this process, until stop is called.
func startLog() (conn *nats.Conn, stop func()) {
	b, err := broker.Start(broker.Options{})
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "synod-example")
	if err != nil {
		panic(err)
	}
	if conn, err = nats.Connect(b.URL()); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	run := func(id string, work func(worker.Options) error) {
		options := worker.Options{Conn: link.Options{URL: b.URL()}, Log: "main", ID: id,
			Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
		workers.Go(func() {
			if err := work(options); err != nil {
				panic(err)
			}
		})
	}
	founders := []string{"a1", "a2", "a3"}
	for _, id := range founders {
		run(id, func(o worker.Options) error {
			return worker.RunAcceptor(ctx, worker.AcceptorOptions{Options: o, Founders: founders,
				Dir: filepath.Join(dir, id), SegmentBytes: 1 << 20})
		})
	}
	run("p1", func(o worker.Options) error {
		return worker.RunProposer(ctx, worker.ProposerOptions{Options: o})
	})
	run("l1", func(o worker.Options) error {
		return worker.RunLearner(ctx, worker.LearnerOptions{Options: o}, nil)
	})
	return conn, func() {
		conn.Close()
		cancel()
		workers.Wait()
		b.Shutdown()
		_ = os.RemoveAll(dir)
	}
}
