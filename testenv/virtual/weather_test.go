package virtual

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// expectedInBadWeather are words of the errors that workers should log when they are denied, thrown out, or
// given a broker that takes less than the last.
var expectedInBadWeather = []string{
	"the broker denies this worker something it needs",
	"give this worker credentials that the broker knows",
	"a message is larger than the broker takes",
}

// longMinutes is how long each of the clusters lives, in virtual minutes, where there is time.
const longMinutes = 30

// TestClustersStandBadWeather runs a cluster for each of a few seeds, or for that of SYNOD_VIRTUAL_SEED.
func TestClustersStandBadWeather(t *testing.T) {
	seeds := []uint64{1, 2, 3}
	if given, err := strconv.ParseUint(os.Getenv("SYNOD_VIRTUAL_SEED"), 10, 64); err == nil {
		seeds = []uint64{given}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			standBadWeather(t, seed, time.Duration(minutes(2, longMinutes))*time.Minute)
		})
	}
}

// judged begins what is said of a cluster that stood its weather. Campaigns count by it.
const judged = "judged: "

// standBadWeather runs a cluster of the seed's kind through the seed's weather.
func standBadWeather(t *testing.T, seed uint64, duration time.Duration) {
	Run(t, func(t *testing.T) {
		c := Start(t, kindOf(seed))
		defer c.End()
		weather := NewWeather(c)
		weather.Blow(duration)
		c.Judge(expectedInBadWeather...)
		t.Logf("%s%.0f virtual seconds, %d values: %v", judged, time.Since(c.began).Seconds(),
			c.load.history.Acknowledged(), weather)
	})
}

// kindOf is what a seed's cluster is like: each seed of eighteen in a row is another.
func kindOf(seed uint64) Options {
	o := Options{
		Seed: seed, Brokers: 2, Proposers: 2 + int(seed/9%2), Acceptors: 3,
		// A broker gives a client up that does not read.
		Broker: broker.Options{Config: "max_pending: 1MB\nwrite_deadline: \"2s\"\nping_interval: \"10s\"\n"},
	}
	if seed%9 == 0 {
		o.Acceptors = 5
	}
	switch seed % 3 {
	case 1:
		o.Access = newUsers
	case 2:
		o.Access = func(t *testing.T, _ []paxos.Address) access {
			return newCredentials(t, 40*time.Second)
		}
	}
	if seed/3%2 == 0 {
		o.Lag, o.Sync = 4*time.Millisecond, 2*time.Millisecond
	} else {
		o.ControlBytes, o.BufferBytes = 300<<10, 64<<10 // a run must fit
	}
	return o
}
