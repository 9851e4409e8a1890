// Command acceptor runs an acceptor as `synod acceptor` does, with what tests of disks need: segments so
// small that a few values fill one, a short founding, and all that it saves written by one thread.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/worker"
)

// The acceptor's loop runs in the main goroutine. Tied to the process's first thread it saves in the same
// order of system calls each time, and whoever traces that thread alone sees nothing else.
func init() { runtime.LockOSThread() }

func main() {
	url := flag.String("server", "", "NATS to connect to")
	log := flag.String("log", "main", "name of the log")
	id := flag.String("id", "a1", "id of this acceptor")
	members := flag.String("members", "a1", "ids of all acceptors, separated by commas")
	data := flag.String("data", "", "directory of the store")
	segment := flag.Int64("segment", 0, "size of a segment in bytes; 0: the store's own")
	listen := flag.Duration("listen", 200*time.Millisecond, "how long a founder listens")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := worker.RunAcceptor(ctx, worker.AcceptorOptions{
		Options: worker.Options{
			Conn: link.Options{URL: *url}, Log: *log, ID: *id,
			Timing: paxos.Timing{Listen: int(*listen / link.Tick)},
		},
		Founders: strings.Split(*members, ","), Dir: *data, SegmentBytes: *segment,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "synod:", err)
		os.Exit(1)
	}
}
