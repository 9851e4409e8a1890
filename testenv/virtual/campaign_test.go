package virtual

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// runLength is how long each cluster of a campaign lives at least, in virtual time, before it is judged.
const runLength = longMinutes * time.Minute

// TestACampaign runs as many cluster-hours of bad weather as SYNOD_VIRTUAL_HOURS says, each seed's cluster
// for half an hour, on all cores: by a process per core, since a process can have one bubble at a time.
// SYNOD_VIRTUAL_FIRST is the first seed; 1 where it is not given.
func TestACampaign(t *testing.T) {
	hours, err := strconv.ParseFloat(os.Getenv("SYNOD_VIRTUAL_HOURS"), 64)
	if err != nil {
		t.Skip("skipped: needs SYNOD_VIRTUAL_HOURS, the number of cluster-hours to run")
	}
	first, err := strconv.Atoi(os.Getenv("SYNOD_VIRTUAL_FIRST"))
	if err != nil {
		first = 1
	}
	c := &campaign{t: t, began: time.Now(), wanted: time.Duration(hours * float64(time.Hour)), next: first}
	var running sync.WaitGroup
	for range runtime.NumCPU() {
		running.Go(c.work)
	}
	running.Wait()
	t.Logf("%s", c.progress())
}

// campaign hands seeds to processes. Its lock guards what changes.
type campaign struct {
	t      *testing.T
	began  time.Time
	wanted time.Duration

	mutex   sync.Mutex
	next    int           // seed
	given   time.Duration // of the time wanted, what seeds were drawn for
	done    time.Duration // virtual time of clusters that were judged
	values  int
	working time.Duration // processor time
}

// draw returns the next seed; false where the campaign has all the hours that it wants.
func (c *campaign) draw() (seed int, ok bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.given >= c.wanted {
		return 0, false
	}
	c.given += runLength
	c.next++
	return c.next - 1, true
}

func (c *campaign) work() {
	for seed, ok := c.draw(); ok; seed, ok = c.draw() {
		c.run(seed)
	}
}

// run runs a seed in a process of its own.
func (c *campaign) run(seed int) {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Hour) // a clock that stands still ends no process
	defer cancel()
	process := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestClustersStandBadWeather$", "-test.v",
		"-test.timeout=0")
	process.Env = append(os.Environ(), fmt.Sprint("SYNOD_VIRTUAL_SEED=", seed), "SYNOD_LONG=1")
	process.Stderr = os.Stderr
	output, err := process.StdoutPipe()
	if err != nil {
		c.t.Error(err)
		return
	}
	if err := process.Start(); err != nil {
		c.t.Error(err)
		return
	}
	said := c.listen(output)
	err = process.Wait()
	c.mutex.Lock()
	c.working += process.ProcessState.UserTime() + process.ProcessState.SystemTime()
	c.mutex.Unlock()
	if err != nil {
		c.t.Errorf("seed %d: %v\n%s", seed, err, said)
	}
}

// listen counts the clusters that a process judged, and returns all that it said.
func (c *campaign) listen(output io.Reader) string {
	var said strings.Builder
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if _, report, ok := strings.Cut(lines.Text(), judged); ok {
			c.count(report)
		}
	}
	return said.String()
}

func (c *campaign) count(report string) {
	var seconds float64
	var values int
	if _, err := fmt.Sscanf(report, "%f virtual seconds, %d values", &seconds, &values); err != nil {
		c.t.Errorf("a report cannot be read: %q: %v", report, err)
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.done += time.Duration(seconds * float64(time.Second))
	c.values += values
	fmt.Println(c.summary())
}

func (c *campaign) progress() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.summary()
}

func (c *campaign) summary() string {
	took := time.Since(c.began)
	return fmt.Sprintf("%.1f of %.1f cluster-hours in %v (%.1f s each, processors %v), %d values, seeds below %d",
		c.done.Hours(), c.wanted.Hours(), took.Round(time.Second), took.Seconds()/max(c.done.Hours(), 0.01),
		c.working.Round(time.Second), c.values, c.next)
}
