package virtual

import (
	"context"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// Worker is a worker that can be stopped and started, and crashed. One goroutine does so at a time.
type Worker struct {
	self    paxos.Address
	cluster *Cluster
	line    *Line
	disk    *disk   // an acceptor's
	record  *record // a learner's

	cancel   context.CancelFunc
	done     chan struct{}
	isEnding atomic.Bool // it is asked to end
}

// start runs the worker. One that ends before it is asked to fails the test.
func (w *Worker) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel, w.done = cancel, make(chan struct{})
	w.isEnding.Store(false)
	w.line.Refuse(false)
	go func() {
		defer close(w.done)
		if err := w.run(ctx); !w.isEnding.Load() {
			w.cluster.t.Errorf("%v ended by itself: %v", w.self, err)
		}
	}()
}

func (w *Worker) run(ctx context.Context) error {
	c := w.cluster
	options := worker.Options{
		Log: logName, ID: w.self.ID, Logger: c.said.logger(),
		Conn: link.Options{
			URL: c.network.brokers[0].URL(), ControlBytes: c.options.ControlBytes,
			NATS: append([]nats.Option{nats.InProcessServer(w.line)},
				c.access.options(w.self.Role, w.self.ID)...),
		},
	}
	switch w.self.Role {
	case paxos.RoleAcceptor:
		return worker.RunAcceptor(ctx, worker.AcceptorOptions{
			Options: options, Founders: c.founders(), Dir: w.self.ID, SegmentBytes: 1 << 20, FS: w.disk.fs(),
		})
	case paxos.RoleProposer:
		return worker.RunProposer(ctx, worker.ProposerOptions{Options: options})
	default:
		return worker.RunLearner(ctx, worker.LearnerOptions{
			Options: options, From: w.record.last() + 1, BufferBytes: c.options.BufferBytes,
		}, w.deliver)
	}
}

func (w *Worker) deliver(run paxos.Run) error {
	w.cluster.digest(w.self)
	return w.record.deliver(run)
}

// stop ends the worker in order.
func (w *Worker) stop() {
	w.isEnding.Store(true)
	w.cancel()
	<-w.done
}

// crash ends the worker as a power cut would: nothing more is sent, and of what was not synced the seed
// chooses what is lost.
func (w *Worker) crash(seed uint64) {
	w.isEnding.Store(true)
	w.line.Refuse(true)
	w.line.Cut()
	if w.disk != nil {
		w.disk.stop()
	}
	w.stop()
	if w.disk != nil {
		w.disk.crash(seed)
	}
}
