// Package probe measures what no contestant can be faster than: a sync of the disk, and a request and its
// reply through one broker.
package probe

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/process"
)

const (
	bytes    = 128 // of what is written, and of what is sent
	syncs    = 300
	requests = 1000
	patience = 20 * time.Second
)

// Sync is the median time of writing 128 bytes into blocks that were written before, and syncing them.
func Sync(dir string) (time.Duration, error) {
	file, err := os.CreateTemp(dir, "sync-probe-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if _, err := file.Write(make([]byte, syncs*bytes)); err != nil {
		return 0, err
	}
	if err := file.Sync(); err != nil {
		return 0, err
	}
	value := make([]byte, bytes)
	times := make([]time.Duration, syncs)
	for i := range times {
		began := time.Now()
		if _, err := file.WriteAt(value, int64(i)*bytes); err != nil {
			return 0, err
		}
		if err := fdatasync(file); err != nil {
			return 0, err
		}
		times[i] = time.Since(began)
	}
	return median(times), nil
}

// Echo is the median time of a request and its reply through one broker: to another process, of this binary,
// or, where none is given, within this process.
func Echo(dir, binary string) (time.Duration, error) {
	ports, err := process.FreePorts(3)
	if err != nil {
		return 0, err
	}
	broker := member.Program("probe-broker", dir, binary, "broker", "-name", "probe",
		"-port", fmt.Sprint(ports[0]), "-routes-port", fmt.Sprint(ports[1]), "-monitor-port", fmt.Sprint(ports[2]))
	if err := broker.Start(); err != nil {
		return 0, err
	}
	defer broker.Kill()
	url := fmt.Sprintf("nats://127.0.0.1:%d", ports[0])
	conn, err := connect(url)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	echo := member.Program("probe-echo", dir, binary, "echo", "-url", url)
	if err := echo.Start(); err != nil {
		return 0, err
	}
	defer echo.Kill()
	return echoes(conn)
}

// connect connects to a broker that has just been started.
func connect(url string) (*nats.Conn, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		conn, err := nats.Connect(url)
		if err == nil || time.Now().After(deadline) {
			return conn, err
		}
	}
}

func echoes(conn *nats.Conn) (time.Duration, error) {
	value := make([]byte, bytes)
	deadline := time.Now().Add(patience)
	for { // until the echo listens
		_, err := conn.Request(member.EchoSubject, value, time.Second)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("the echo does not answer: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	times := make([]time.Duration, requests)
	for i := range times {
		began := time.Now()
		if _, err := conn.Request(member.EchoSubject, value, patience); err != nil {
			return 0, err
		}
		times[i] = time.Since(began)
	}
	return median(times), nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
